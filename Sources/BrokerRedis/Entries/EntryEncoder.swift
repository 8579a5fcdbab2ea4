// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

package import BrokerCore
package import RedisWire

/// Messages as the fields of an entry: `data` is the payload, `sb-key` the ordering key, every other field a header.
package enum EntryEncoder {
    /// In a message that has nothing at all, since an entry has at least one field; read as nothing.
    package static let nothing = "sb-nothing"

    /// How many values the fields of a message are: twice their number.
    package static func valueCount(of message: Message) -> Int {
        let own = (message.hasPayload ? 1 : 0) + (message.key == nil ? 0 : 1)
        return 2 * max(1, own + message.headers.count)
    }

    /// Adds the command that stores a message at the end of a stream, with an id that the server gives.
    ///
    /// - Parameter mustExist: Whether the server is to answer nothing when there is no such stream.
    package static func append(
        _ message: Message, to key: String, keepingNewest bound: Int? = nil, mustExist: Bool = false,
        in commands: inout RedisCommands
    ) {
        let options = (bound == nil ? 0 : 2) + (mustExist ? 1 : 0)
        commands.begin(3 + options + valueCount(of: message), "XADD", for: .key(key))
        commands.add(key)
        if mustExist { commands.add("NOMKSTREAM" as StaticString) }
        if let bound {
            commands.add("MAXLEN" as StaticString)
            commands.add(bound)
        }
        commands.add("*" as StaticString)
        write(message) { part in
            switch part {
            case .name(let name): commands.add(name)
            case .text(let text): commands.add(text)
            case .payload(let payload): payload.withUnsafeBytes { commands.add($0) }
            }
        }
    }

    /// Adds the values of a message to the arguments of a script, after their number.
    package static func addArguments(_ message: Message, to calls: inout ScriptCalls) {
        calls.add(valueCount(of: message))
        write(message) { part in
            switch part {
            case .name(let name): calls.add("\(name)")
            case .text(let text): calls.add(text)
            case .payload(let payload): payload.withUnsafeBytes { calls.add($0) }
            }
        }
    }

    /// A value of an entry.
    private enum Part {
        case name(StaticString)
        case text(String)
        case payload(Payload)
    }

    @inline(__always)
    private static func write(_ message: Message, _ add: (Part) -> Void) {
        if message.hasPayload {
            add(.name("data"))
            add(.payload(message.payload))
        }
        if let key = message.key {
            add(.name("sb-key"))
            add(.text(key))
        }
        for header in message.headers {
            add(.text(header.name))
            add(.payload(header.value))
        }
        if !message.hasPayload, message.key == nil, message.headers.isEmpty {
            add(.text(nothing))
            add(.name(""))
        }
    }
}
