// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
package import BrokerOperations

/// Messages as tables.
package enum MessageView {
    /// How much of a body people are shown in a list.
    private static let width = 100

    /// Returns a row for each message.
    ///
    /// - Parameters:
    ///   - messages: The messages.
    ///   - isForPeople: Whether long bodies are cut.
    package static func table(_ messages: [MessageReport], isForPeople: Bool) -> Table {
        Table(
            ["ID", "STORED", "KEY", "SIZE", "BODY"],
            messages.map { message in
                [
                    .text(message.id), .text(message.storedAt), .text(message.key ?? "-"), .number(message.size),
                    .text(body(of: message, isForPeople: isForPeople)),
                ]
            })
    }

    /// Returns one message: its facts, and its headers.
    package static func tables(_ message: MessageReport) -> [Table] {
        let headers = message.headers.map { [Table.Cell.text($0.name), .text($0.value)] }
        return [table([message], isForPeople: false)] + (headers.isEmpty ? [] : [Table(["HEADER", "VALUE"], headers)])
    }

    private static func body(of message: MessageReport, isForPeople: Bool) -> String {
        let text = message.body ?? message.bodyBase64.map { "base64:\($0)" } ?? "-"
        return isForPeople && text.count > width ? "\(text.prefix(width))…" : text
    }
}
