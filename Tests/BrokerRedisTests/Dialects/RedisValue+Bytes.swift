// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

extension RedisValue {
    /// The value as a server sends it.
    var bytes: String {
        switch self {
        case .integer(let number): ":\(number)\r\n"
        case .text(let text): "$\(text.utf8.count)\r\n\(text)\r\n"
        case .array(let elements): "*\(elements.count)\r\n" + elements.map(\.bytes).joined()
        case .error(let text): "-\(text)\r\n"
        case .null: "$-1\r\n"
        }
    }
}
