// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore

/// Calls that are made one after the other, on the model and on a server, and the setting in which they are made.
struct CallSequence {
    /// The visibility timeout of every consumer, in milliseconds.
    var visibility: Int
    /// The calls; a drain follows.
    var calls: [Call]

    init(visibility: Int = 30_000, _ calls: [Call]) {
        self.visibility = visibility
        self.calls = calls
    }
}

/// As Swift has it, to be pasted into a test.
extension CallSequence: CustomStringConvertible {
    var description: String {
        "CallSequence(visibility: \(visibility), [\n" + calls.map { "    \($0),\n" }.joined() + "])"
    }
}

/// What the places and numbers of calls stand for.
extension CallSequence {
    /// How many calls are drawn.
    static let length = 60
    /// The streams; dead letters go to streams of their own.
    static let streams: [StreamName] = ["orders", "mails"]
    /// The groups of each stream.
    static let groups: [GroupName] = ["billing", "search"]
    /// Says in each message which it is.
    static let numberHeader = "number"

    /// The message of a number: with and without key, headers and body, empty and not text.
    static func message(_ number: Int) -> Message {
        var headers: Headers = [numberHeader: "\(number)"]
        if number % 3 == 0 {
            headers.append("trace", "")
            headers.append("trace", "grüße")
            headers.append("raw", bytes: Payload([0, 255, 10, 13]))
        }
        let key = number % 2 == 0 ? "key-\(number % 3)" : nil
        return switch number % 5 {
        case 0: Message(key: key, headers: headers)
        case 1: Message(Payload(""), key: key, headers: headers)
        case 2: Message([UInt8](0...255), key: key, headers: headers)
        default: Message(Payload("body \(number)"), key: key, headers: headers)
        }
    }

    /// The number of a message.
    static func number(of message: Message) -> Int {
        message.headers[numberHeader].flatMap { Int($0) } ?? 0
    }
}
