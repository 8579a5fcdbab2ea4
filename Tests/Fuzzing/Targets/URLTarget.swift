// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

package import BrokerTestKit
package import RedisWire

/// URLs of servers: what is taken is read the same from what is shown, and what is refused is not repeated.
package struct URLTarget: FuzzTarget {
    private let read: @Sendable (String) throws(RedisError) -> RedisURL

    /// Makes a target; a test may plant mistakes.
    package init(
        read: @escaping @Sendable (String) throws(RedisError) -> RedisURL = { text throws(RedisError) in
            try RedisURL(text)
        }
    ) {
        self.read = read
    }

    package let name = "url"
    package let words = [
        "redis://", "rediss://", "unix://", "redis+sentinel://", "rediss+sentinel://", "redis+cluster://",
        "rediss+cluster://", "//", "/", "@", ":", ",", "?", "?db=", "#", "%40", "%2C", "%", "[::1]", "[", "]", ":6379",
        ":0", ":65535", ":65536", "/0", "/15", "/16", Self.secret, "user:\(Self.secret)@", "a,b", ",,", "ü", " ",
    ]

    private static let secret = "canary"

    package func makeInput(using random: inout SeededGenerator) -> [UInt8] {
        let schemes = ["redis", "rediss", "redis+sentinel", "rediss+sentinel", "redis+cluster", "rediss+cluster"]
        let scheme = schemes.randomElement(using: &random) ?? ""
        let users = ["", ":\(Self.secret)@", "user:\(Self.secret)@", "%C3%BC%2F:\(Self.secret)%2C@"]
        let hosts = ["a", "b:5000", "10.0.0.1", "redis-1.example:65535", "[::1]", "[fe80::1%25]:7000", "H_2"]
        let isList = scheme.contains("+")
        let count = isList ? Int.random(in: 1...4, using: &random) : 1
        let list = hosts.shuffled(using: &random).prefix(count).joined(separator: ",")
        let name = scheme.hasSuffix("sentinel") ? "/my.shop-1" : ""
        let database = scheme.hasSuffix("cluster") ? "0" : "\(Int.random(in: 0...15, using: &random))"
        let end = Bool.random(using: &random) ? "/\(database)" : ""
        return Array("\(scheme)://\(users.randomElement(using: &random) ?? "")\(list)\(name)\(end)".utf8)
    }

    package func check(_ input: [UInt8]) throws(FuzzFinding) -> String {
        let text = String(decoding: input, as: UTF8.self)
        var url: RedisURL
        do {
            url = try read(text)
        } catch {
            try hold("a refusal repeats nothing that may be a secret", !"\(error)".contains(Self.secret), "\(error)")
            return error.message.outline
        }
        let isHidden = url.username?.contains(Self.secret) == true || url.password?.value.contains(Self.secret) == true
        if isHidden, !text.drop(while: { $0 != "@" }).contains(Self.secret) {
            try hold("no user and no password is shown", !"\(url)".contains(Self.secret), "\(url)")
        }
        url.username = nil
        url.password = nil
        url.database = url.database ?? 0
        try checkAddresses(url.place)
        guard case .server(.socket) = url.place else {
            guard var again = try? read("\(url)") else { throw FuzzFinding("what is shown is a URL", "\(url)") }
            again.database = again.database ?? 0
            try hold("what is shown is read as the same place", again == url, "\(url)")
            return "\(url.place.scheme(isEncrypted: url.isEncrypted)) \(isHidden)"
        }
        return "socket"
    }

    private func checkAddresses(_ place: RedisPlace) throws(FuzzFinding) {
        let addresses: [RedisAddress]
        switch place {
        case .server(let address): addresses = [address]
        case .sentinels(let sentinels, let primary):
            addresses = sentinels
            try hold("a primary has a name", !primary.isEmpty)
        case .cluster(let seeds): addresses = seeds
        }
        try hold(
            "there is a host, and each is there once", !addresses.isEmpty && Set(addresses).count == addresses.count)
        for case .host(let host, let port) in addresses {
            try hold("a host has a name and a port", !host.isEmpty && (1...65535).contains(port), "\(host):\(port)")
        }
    }
}
