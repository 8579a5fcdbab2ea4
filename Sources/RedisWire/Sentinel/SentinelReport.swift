// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// What one Sentinel says about a primary, read from its replies.
package struct SentinelReport: Sendable, Hashable {
    /// What it answers to the question for the primary. Closed by design.
    package enum Answer: Sendable, Hashable {
        /// It names a server.
        case primary(NamedPrimary)
        /// It watches no primary of this name.
        case nameUnknown
    }

    /// Its answer.
    package var answer: Answer
    /// Its own id; `nil` where it does not tell.
    package var id: String?
    /// The other Sentinels that it knows; `nil` if it was not asked, or does not tell.
    package var peers: [SentinelPeer]?

    /// Makes a report.
    package init(_ answer: Answer, id: String? = nil, peers: [SentinelPeer]? = nil) {
        self.answer = answer
        self.id = id
        self.peers = peers
    }

    /// Reads the replies to ``SentinelQuestion``. What a user has no right to ask for is left out.
    ///
    /// - Throws: why there is no answer.
    package init(_ replies: [RedisReply]) throws(RedisError) {
        guard let address = replies.first else { throw Self.malformed("nothing") }
        answer = try Self.answer(address, state: replies.count > 1 ? replies[1] : nil)
        id = replies.count > 2 ? replies[2].ofText : nil
        peers = replies.count > 3 && replies[3].kind == .array ? SentinelPeer.list(replies[3]) : nil
    }

    /// Returns the report with the addresses that reach the servers from here.
    func mapped(by map: AddressMap) -> SentinelReport {
        if map.isEmpty { return self }
        var report = self
        if case .primary(var named) = answer {
            named.address = map.map(named.address)
            report.answer = .primary(named)
        }
        report.peers = peers?.map { SentinelPeer(map.map($0.address), id: $0.id) }
        return report
    }

    private static func answer(_ reply: RedisReply, state: RedisReply?) throws(RedisError) -> Answer {
        if let error = reply.error { throw RedisError(error) }
        if reply.kind == .null { return .nameUnknown }
        guard reply.elements.count == 2, let address = RedisAddress(reply.elements[0], port: reply.elements[1]) else {
            throw malformed("something else than a host and a port")
        }
        var named = NamedPrimary(address)
        let state = state.map { SentinelFields($0) }
        named.epoch = state?["config-epoch"]?.integer
        // While a failover is under way, the flags are those of the server that is being replaced.
        if state?.address == address { named.isDown = state?.isDown ?? false }
        return .primary(named)
    }

    private static func malformed(_ what: String) -> RedisError {
        RedisError(.malformedReply, "it answered \(what)")
    }
}

/// A server that a Sentinel names as the primary.
package struct NamedPrimary: Sendable, Hashable {
    /// Where it is.
    package var address: RedisAddress
    /// The number of the configuration, which each failover makes greater; `nil` where the Sentinel does not tell.
    package var epoch: Int?
    /// Whether the Sentinel itself does not reach it.
    package var isDown = false

    /// Makes one.
    package init(_ address: RedisAddress, epoch: Int? = nil, isDown: Bool = false) {
        self.address = address
        self.epoch = epoch
        self.isDown = isDown
    }
}

/// Another Sentinel that a Sentinel knows.
package struct SentinelPeer: Sendable, Hashable {
    /// How many are read of a reply.
    static let most = 32

    /// Where it is.
    package var address: RedisAddress
    /// Its id; `nil` if it is not told.
    package var id: String?

    /// Makes one.
    package init(_ address: RedisAddress, id: String? = nil) {
        self.address = address
        self.id = id
    }

    /// Returns the peers that the Sentinel reaches.
    static func list(_ reply: RedisReply) -> [SentinelPeer] {
        reply.elements.prefix(most).compactMap { element in
            let fields = SentinelFields(element)
            guard let address = fields.address, !fields.isDown else { return nil }
            return SentinelPeer(address, id: fields["runid"]?.ofText)
        }
    }
}

/// The fields by which a Sentinel describes an instance.
private struct SentinelFields {
    private var values: [String: RedisReply] = [:]

    init(_ reply: RedisReply) {
        var parts = reply.elements.makeIterator()
        while let name = parts.next()?.string, let value = parts.next() { values[name] = value }
    }

    subscript(name: String) -> RedisReply? { values[name] }

    var address: RedisAddress? { RedisAddress(values["ip"], port: values["port"]) }

    var isDown: Bool {
        let flags = values["flags"]?.string?.split(separator: ",") ?? []
        return flags.contains { ["s_down", "o_down", "disconnected"].contains($0) }
    }
}

extension RedisAddress {
    /// Reads a host and a port as servers tell them; `nil` for an unknown host.
    init?(_ host: RedisReply?, port: RedisReply?) {
        guard let host = host?.ofText, let port = port?.ofText else { return nil }
        self.init(host: host, port: port)
    }

    /// Reads a host and a port as servers tell them; `nil` for an unknown host.
    init?(host: some StringProtocol, port: some StringProtocol) {
        guard let number = Int(port), (1...65535).contains(number) else { return nil }
        let isHost = host.utf8.allSatisfy { (0x21...0x7e).contains($0) && !"?/,@[]".utf8.contains($0) }
        guard (1...253).contains(host.utf8.count), isHost else { return nil }
        self = .host(String(host), port: number)
    }
}

extension RedisReply {
    /// The text of a string; `nil` for an error and everything else.
    fileprivate var ofText: String? { kind == .text ? string : nil }
}
