// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

package import BrokerCore
package import RedisWire

/// Writes messages as the fields of an entry: `data` is the payload, `sb-key` the ordering key, every other field a
/// header.
package enum EntryEncoder {
    /// The field of a message without payload, key and headers, since an entry has at least one field. Readers skip it.
    package static let nothing = "sb-nothing"

    /// Returns the number of values in the fields of a message: twice the number of fields.
    package static func valueCount(of message: Message) -> Int {
        let own = (message.hasPayload ? 1 : 0) + (message.key == nil ? 0 : 1)
        return 2 * max(1, own + message.headers.count)
    }

    /// Adds the command that appends a message to a stream; the server makes the id.
    ///
    /// - Parameters:
    ///   - message: The message.
    ///   - key: The key of the stream.
    ///   - bound: How many entries the stream keeps; `nil` for all.
    ///   - mustExist: Whether nothing is stored, and the reply is null, if there is no such stream.
    ///   - commands: The batch.
    package static func append(
        _ message: Message, to key: String, keepingNewest bound: Int? = nil, mustExist: Bool = false,
        in commands: inout RedisCommands
    ) {
        let options = (bound == nil ? 0 : 2) + (mustExist ? 1 : 0)
        let parts = 3 + options + valueCount(of: message)
        let size = key.utf8.count + byteCount(of: message)
        commands.add(parts, "XADD", for: .key(key), byteCount: size) { command in
            command.add(key)
            if mustExist { command.add("NOMKSTREAM" as StaticString) }
            if let bound {
                command.add("MAXLEN" as StaticString)
                command.add(bound)
            }
            command.add("*" as StaticString)
            write(message) { part in
                switch part {
                case .name(let name): command.add(name)
                case .text(let text): command.add(text)
                case .payload(let payload): payload.withUnsafeBytes { command.add($0) }
                }
            }
        }
    }

    /// At least the number of bytes of the options and the fields.
    private static func byteCount(of message: Message) -> Int {
        let headers = message.headers.reduce(0) { $0 + $1.name.utf8.count + $1.value.count }
        return 64 + message.payload.count + (message.key?.utf8.count ?? 0) + headers
    }

    /// Adds the number of values of a message to the arguments of a script, then the values.
    package static func addArguments(_ message: Message, to calls: inout ScriptCalls) {
        calls.add(valueCount(of: message))
        addValues(message, to: &calls)
    }

    /// Adds the values of a message to the arguments of a script.
    package static func addValues(_ message: Message, to calls: inout ScriptCalls) {
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
