// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import Logging

/// The line that tells a person that a consumer consumes.
extension ConsumerStations {
    /// Logs what is consumed and how, once the consumer has joined its group.
    func announce(start: StartPosition) {
        var facts: Logger.Metadata = [
            LoggingKeys.broker: "\(identity.broker)", LoggingKeys.stream: "\(identity.selection)",
            LoggingKeys.group: "\(identity.group)", LoggingKeys.consumer: "\(identity.consumer)",
            "concurrency": "\(laneCount)",
        ]
        if settings.ordering != .none { facts["ordering"] = "\(settings.ordering.rawValue)" }
        logger.info(
            """
            Consuming '\(identity.selection)' as '\(identity.group)': concurrency \(laneCount)\(order); \
            a new group begins \(start.words)
            """, metadata: facts)
    }

    private var order: String {
        switch settings.ordering {
        case .none: ""
        case .key: ", ordered by key"
        case .stream: ", in the order of the stream"
        }
    }
}

extension StartPosition {
    /// Where a group begins, to follow "begins".
    fileprivate var words: String {
        switch self {
        case .earliest: "with the earliest message"
        case .latest: "with what is published from now on"
        case .after(let id): "behind the message \(id)"
        case .time(let time): "with what was published from \(time.rfc3339) on"
        }
    }
}
