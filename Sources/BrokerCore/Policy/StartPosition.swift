// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// Where a group starts to read when it is created. It has no effect on a group that exists.
public enum StartPosition: Sendable, Hashable {
    /// At the oldest entry that the stream still has.
    case earliest
    /// At the first entry that is published after the group was created.
    case latest
    /// After the entry with this id.
    case after(MessageID)
    /// At the first entry that was stored at this time or later.
    case time(Timestamp)
}

extension StartPosition {
    /// The smallest id that a group with this start receives, of the entries that exist when the group is created.
    public var firstID: MessageID {
        switch self {
        case .earliest: .zero
        case .latest: .maximum
        case .after(let id): id.next ?? .maximum
        case .time(let time): MessageID(milliseconds: UInt64(max(0, time.milliseconds)), sequence: 0)
        }
    }
}

extension StartPosition: LosslessStringConvertible {
    /// Reads `earliest`, `latest`, an id with its dash, or a time of RFC 3339. Returns `nil` for anything else.
    public init?(_ text: String) {
        switch text {
        case "earliest": self = .earliest
        case "latest": self = .latest
        default:
            if let time = Timestamp(rfc3339: text) {
                self = .time(time)
            } else if text.contains("-"), let id = MessageID(text) {
                self = .after(id)
            } else {
                return nil
            }
        }
    }

    /// The position as it is written in a file.
    public var description: String {
        switch self {
        case .earliest: "earliest"
        case .latest: "latest"
        case .after(let id): "\(id)"
        case .time(let time): time.rfc3339
        }
    }
}
