// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// What a node of a cluster says about a slot that it does not serve: the reply MOVED or ASK.
package struct Redirection: Sendable, Hashable {
    /// Which of the two it is. Closed by design.
    package enum Kind: Sendable, Hashable {
        /// The other node has the slot from now on.
        case moved
        /// The other node has the key of this one command already; the slot stays.
        case ask
    }

    /// Which of the two it is.
    package let kind: Kind
    /// The slot.
    package let slot: Int
    /// The host of the other node; empty for the host that was asked, `nil` if the node does not know it.
    let host: String?
    /// The port of the other node.
    let port: Int

    /// Reads the text of an error reply; `nil` for any other text.
    package init?(_ text: some StringProtocol) {
        let words = text.split(separator: " ", omittingEmptySubsequences: false)
        guard words.count == 3, let kind = Self.kinds[String(words[0])] else { return nil }
        guard let slot = Self.number(words[1], digits: 5), slot < RedisSlot.count else { return nil }
        guard let colon = words[2].lastIndex(of: ":") else { return nil }
        let host = words[2][..<colon]
        guard let port = Self.number(words[2][words[2].index(after: colon)...], digits: 5) else { return nil }
        guard host.isEmpty || host == "?" || RedisAddress(toldHost: host, port: max(port, 1)) != nil else { return nil }
        self.kind = kind
        self.slot = slot
        self.host = host == "?" ? nil : String(host)
        self.port = port
    }

    /// Returns where the other node listens, as a node that was reached at `asked` tells it; `nil` if that is unknown.
    package func address(askedAt asked: RedisAddress, _ map: AddressMap) -> RedisAddress? {
        guard let host else { return nil }
        if host.isEmpty { return asked.host.flatMap { RedisAddress(toldHost: $0, port: port) } }
        return RedisAddress(toldHost: host, port: port).map(map.map)
    }

    private static let kinds: [String: Kind] = ["MOVED": .moved, "ASK": .ask]

    /// Reads a decimal number of a few digits, with nothing else around it.
    private static func number(_ text: some StringProtocol, digits: Int) -> Int? {
        guard (1...digits).contains(text.utf8.count), text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
            return nil
        }
        return Int(text)
    }
}
