// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// Where one server listens.
package enum RedisAddress: Sendable, Hashable {
    /// A host name or number, and a port.
    case host(String, port: Int)
    /// The path of a socket.
    case socket(path: String)

    /// Reads `host:port`; an IPv6 address stands in `[` and `]`.
    ///
    /// - Parameter defaultPort: The port of a text without one; `nil` if the text must have one.
    init(_ text: Substring, defaultPort: Int?) throws(AddressMistake) {
        let (host, rest) = try Self.host(text)
        if rest.isEmpty, let defaultPort {
            self = .host(host, port: defaultPort)
            return
        }
        guard rest.first == ":" else { throw AddressMistake("behind the host comes ':' and the port") }
        let digits = rest.dropFirst()
        guard digits.allSatisfy(\.isASCIIDigit), let port = Int(digits), (1...65535).contains(port) else {
            throw AddressMistake("the port is a number from 1 to 65535")
        }
        self = .host(host, port: port)
    }

    /// Reads `host:port`; an IPv6 address stands in `[` and `]`.
    ///
    /// - Throws: ``RedisError/Code/configuration``; its message says what is wrong and does not show the text.
    package init(_ text: String) throws(RedisError) {
        do throws(AddressMistake) {
            self = try RedisAddress(text[...], defaultPort: nil)
        } catch {
            throw RedisError(.configuration, error.reason)
        }
    }

    private static func host(_ text: Substring) throws(AddressMistake) -> (String, Substring) {
        if text.first == "[" {
            guard let close = text.firstIndex(of: "]") else {
                throw AddressMistake("']' is missing behind the address")
            }
            let host = text[text.index(after: text.startIndex)..<close]
            guard host.contains(":"), host.allSatisfy({ $0.isHexDigit || ":.%".contains($0) }) else {
                throw AddressMistake("between '[' and ']' stands an IPv6 address")
            }
            return (String(host), text[text.index(after: close)...])
        }
        let end = text.firstIndex(of: ":") ?? text.endIndex
        let host = text[..<end]
        if host.isEmpty { throw AddressMistake("the host is missing") }
        guard host.utf8.count <= 253, host.allSatisfy(\.isHostCharacter) else {
            throw AddressMistake("a host has letters, digits, '.', '-' and '_'; an IPv6 address stands in '[' and ']'")
        }
        return (String(host), text[end...])
    }

    /// The address with the name of its host in lower case, since names that differ in case are the same.
    var folded: RedisAddress {
        guard case .host(let host, let port) = self else { return self }
        return .host(host.lowercased(), port: port)
    }
}

extension RedisAddress: CustomStringConvertible {
    /// The address for a sentence: `127.0.0.1:6379`, `[::1]:6379`, or the path of a socket.
    package var description: String {
        switch self {
        case .host(let host, let port): host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
        case .socket(let path): path
        }
    }
}

/// Why a text is no address. The text itself is not in it, since it may contain a secret in the wrong place.
struct AddressMistake: Error {
    let reason: String

    init(_ reason: String) {
        self.reason = reason
    }
}

extension Character {
    var isASCIIDigit: Bool { isASCII && isNumber }
    /// Whether it may stand in the name of a host, and in the name by which Sentinels know a primary.
    var isHostCharacter: Bool { isASCII && (isLetter || isNumber || "._-".contains(self)) }
}
