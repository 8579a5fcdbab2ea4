// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// A node of a cluster, as its map tells it. A node that is told otherwise is another one, with connections of its own.
package final class RedisNode: Sendable {
    /// What a map tells of a node.
    package struct Facts: Sendable, Hashable {
        /// Its name in the cluster; `nil` for a node that is known from a redirection only.
        package var id: String?
        /// Where we reach it.
        package var address: RedisAddress
        /// The name that its certificate has, if its address is none.
        package var certificateName: String?
        /// Under which other addresses redirections may name it.
        package var aliases: [RedisAddress]

        /// Makes facts.
        package init(
            id: String? = nil, address: RedisAddress, certificateName: String? = nil, aliases: [RedisAddress] = []
        ) {
            self.id = id
            self.address = address
            self.certificateName = certificateName
            self.aliases = aliases
        }
    }

    /// What the map tells.
    package let facts: Facts

    /// Makes a node.
    package init(_ facts: Facts) {
        self.facts = facts
    }

    /// Where we reach it.
    package var address: RedisAddress { facts.address }

    /// Whether these are its facts. What a redirection told is completed by what a map tells.
    func fits(_ other: Facts) -> Bool {
        facts.address == other.address && facts.certificateName == other.certificateName
            && (facts.id == other.id || facts.id == nil || other.id == nil)
    }

    /// Whether it is reached under this address.
    func isCalled(_ address: RedisAddress) -> Bool {
        facts.address == address || facts.aliases.contains(address)
    }
}

extension RedisNode: Hashable {
    package static func == (left: RedisNode, right: RedisNode) -> Bool { left === right }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(ObjectIdentifier(self))
    }
}

extension RedisNode: CustomStringConvertible {
    /// The address.
    package var description: String { "\(address)" }
}

extension RedisAddress {
    /// Makes the address that a server tells in a reply; `nil` if it is none. An IPv6 address may stand in brackets.
    init?(toldHost host: some StringProtocol, port: Int) {
        var host = Substring(host)
        if host.first == "[", host.last == "]" { host = host.dropFirst().dropLast() }
        let isName = host.utf8.allSatisfy(Self.isNameByte)
        let isNumber = host.utf8.contains(UInt8(ascii: ":")) && host.utf8.allSatisfy(Self.isNumberByte)
        guard (1...253).contains(host.utf8.count), isName || isNumber, (1...65_535).contains(port) else { return nil }
        self = .host(String(host), port: port)
    }

    /// The host, if it has one.
    var host: String? {
        if case .host(let host, _) = self { host } else { nil }
    }

    /// Whether the host is a number and not a name.
    var isNumeric: Bool {
        guard let host else { return false }
        return host.contains(":") || host.utf8.allSatisfy { $0 == UInt8(ascii: ".") || Self.isDigit($0) }
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        let letter = byte | 0x20
        return isDigit(byte) || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(letter)
            || [UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_")].contains(byte)
    }

    private static func isNumberByte(_ byte: UInt8) -> Bool {
        let letter = byte | 0x20
        return isDigit(byte) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(letter)
            || [UInt8(ascii: "."), UInt8(ascii: ":"), UInt8(ascii: "%")].contains(byte)
    }
}
