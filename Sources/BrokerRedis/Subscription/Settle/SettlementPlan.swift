// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

package import BrokerCore
package import RedisWire

/// The commands that carry out decisions about leases, by stream: one XACK for what is acknowledged, scripts for the
/// rest.
///
/// A receipt from a stream or an epoch of the group that this consumer does not know is settled already: the same id
/// may name another message there.
package struct SettlementPlan: Sendable {
    /// A decision about one lease.
    package struct Line: Sendable {
        package var receipt: Receipt
        package var verb: LeaseVerb

        package init(_ receipt: Receipt, _ verb: LeaseVerb) {
            self.receipt = receipt
            self.verb = verb
        }
    }

    /// How many entries one command acknowledges at most, so that the server is not blocked for long.
    package static let maximumAcks = 1024

    /// The decisions, in the order of their outcomes.
    package let lines: [Line]
    /// The consumer that decided.
    let member: Member
    /// The keys of dead letters.
    let keys: RedisKeys
    /// Every XACK, if any.
    package private(set) var acks = RedisCommands()
    /// Every call of a script, if any.
    package private(set) var calls = ScriptCalls()
    /// Where they go.
    package var routes: RedisRoutes {
        var routes = acks.routes
        routes.add(calls.routes)
        return routes
    }
    /// The positions of the lines that each XACK is about.
    package private(set) var acked: [ArraySlice<Int>] = []
    /// The positions of the lines that each call is about.
    package private(set) var called: [ArraySlice<Int>] = []
    /// What is acknowledged in the framework's own streams. It is deleted there, because no other group reads them.
    private var removed: [(positions: ArraySlice<Int>, membership: Membership)] = []
    /// The position of the membership that each line is about; `nil` if the line is settled already.
    package private(set) var membershipOfLine: [Int?]

    /// Plans the decisions of a member of a group.
    ///
    /// - Parameter target: Returns the target for a stream to which something is forwarded.
    package init(
        _ lines: [Line], memberships: MembershipTable, member: Member, keys: RedisKeys,
        target: (StreamName) -> PublishTarget
    ) {
        self.lines = lines
        self.member = member
        self.keys = keys
        membershipOfLine = Self.positions(of: lines, in: memberships)
        for (bucket, positions) in buckets() {
            let membership = memberships[bucket.membership]
            let size = bucket.verb == .ack ? Self.maximumAcks : RedisScripts.maximumEntries
            for start in stride(from: 0, to: positions.count, by: size) {
                let part = positions[start..<min(start + size, positions.count)]
                add(bucket.verb, part, membership, member, keys, target)
            }
        }
        for (positions, membership) in removed { addRemoval(positions, membership) }
    }

    private static func positions(of lines: [Line], in memberships: MembershipTable) -> [Int?] {
        var last = 0
        return lines.map { line in
            if last >= memberships.count || memberships[last].stream != line.receipt.stream {
                guard let position = memberships.position(of: line.receipt.stream) else { return nil }
                last = position
            }
            return memberships[last].epoch == line.receipt.epoch ? last : nil
        }
    }
}

/// What goes into one command.
extension SettlementPlan {
    private enum Kind: Hashable {
        case ack, park, extend, restore, deadLetter
        case forward(Int)
    }

    private struct Bucket: Hashable {
        var membership: Int
        var verb: Kind
    }

    /// The lines of each stream and verb, in the order in which they appear.
    private func buckets() -> [(Bucket, [Int])] {
        if let bucket = bucketOfAcks { return [(bucket, Array(lines.indices))] }
        var buckets: [(Bucket, [Int])] = []
        var found: [Bucket: Int] = [:]
        var last: (bucket: Bucket, index: Int)?
        for (position, membership) in membershipOfLine.enumerated() {
            guard let membership else { continue }
            let bucket = Bucket(membership: membership, verb: kind(of: lines[position].verb, position))
            let index = last?.bucket == bucket ? last?.index : found[bucket]
            if let index {
                buckets[index].1.append(position)
            } else {
                found[bucket] = buckets.count
                buckets.append((bucket, [position]))
            }
            last = (bucket, index ?? buckets.count - 1)
        }
        return buckets
    }

    /// The only bucket, if every line acknowledges a message of the same stream.
    private var bucketOfAcks: Bucket? {
        guard let first = membershipOfLine.first, let membership = first else { return nil }
        let isOnly = lines.indices.allSatisfy { lines[$0].verb.isAck && membershipOfLine[$0] == membership }
        return isOnly ? Bucket(membership: membership, verb: .ack) : nil
    }

    private func kind(of verb: LeaseVerb, _ position: Int) -> Kind {
        switch verb {
        case .ack: .ack
        case .park: .park
        case .extend: .extend
        case .restore: .restore
        case .deadLetter: .deadLetter
        case .forward: .forward(position)
        }
    }

    private mutating func add(
        _ kind: Kind, _ positions: ArraySlice<Int>, _ membership: Membership, _ member: Member, _ keys: RedisKeys,
        _ target: (StreamName) -> PublishTarget
    ) {
        if kind == .ack { return addAck(positions, membership, member) }
        called.append(positions)
        let receipts = positions.map { (lines[$0].receipt, lines[$0].verb) }
        switch kind {
        case .ack: break
        case .park: calls.addPark(receipts, membership, member)
        case .extend: calls.addExtend(receipts, membership, member)
        case .restore: calls.addRestore(receipts, membership, member)
        case .deadLetter:
            let destination = keys.key(of: member.deadLetter.destination(for: membership.stream))
            calls.addDeadLetters(receipts, membership, member, to: destination)
        case .forward(let position):
            guard case .forward(let entries) = lines[position].verb else { break }
            let targeted = entries.map { ($0, target($0.stream)) }
            calls.addForward(lines[position].receipt, targeted, membership, member)
        }
    }

    private mutating func addAck(_ positions: ArraySlice<Int>, _ membership: Membership, _ member: Member) {
        acked.append(positions)
        if membership.stream.isReserved { removed.append((positions, membership)) }
        acks.begin(3 + positions.count, "XACK", for: .key(membership.key))
        acks.add(membership.key)
        acks.add(member.group.text)
        addIDs(of: positions)
    }

    /// Deletes what was acknowledged. The replies come behind those to all acknowledgements and are not read.
    private mutating func addRemoval(_ positions: ArraySlice<Int>, _ membership: Membership) {
        acks.begin(2 + positions.count, "XDEL", for: .key(membership.key))
        acks.add(membership.key)
        addIDs(of: positions)
    }

    private mutating func addIDs(of positions: ArraySlice<Int>) {
        for position in positions {
            let id = lines[position].receipt.id
            acks.add(id.milliseconds, id.sequence)
        }
    }
}
