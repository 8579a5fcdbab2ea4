// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerMemory
import BrokerTestKit

/// Receiving, settling and extending on both sides.
extension DifferentialRun {
    /// The server chooses, within bounds; the model does the same, by itself where it would choose so, too.
    mutating func receive(_ place: Int, _ request: ReceiveRequest, _ isLost: Bool) async throws {
        let client = clients[place]
        let before = states[client.stream]
        let found: Received
        do throws(BrokerError) {
            found = try await client.subscription.receive(request)
        } catch {
            throw Difference("received \(error)")
        }
        guard let group = before.groups[client.group] else { return try await receiveLost(place, found) }
        if clock.now < client.restsUntil, found.messages.isEmpty, found.missing.isEmpty { return }
        let choice = choice(of: client, request, before, group, isServer: true)
        try choice.check(found)
        let expected = try lease(found, request, client, choice)
        try note(found, expected, place, isLost)
    }

    /// The group was lost. Either somebody has noticed that, or nothing has happened yet.
    private mutating func receiveLost(_ place: Int, _ found: Received) async throws {
        let client = clients[place]
        guard try await serverStates()[client.stream].groups[client.group] == nil else {
            let expected = model.log.lease(
                Set(found.messages.map(\.receipt.id)), subscription: client.modelSubscription, at: model.time)
            return try note(found, expected, place, false)
        }
        clients[place].restsUntil = clock.now + LegalDifferences.longestRest
        if !found.messages.isEmpty { throw Difference("a group that is gone gave messages") }
    }

    private func choice(
        of client: Client, _ request: ReceiveRequest, _ stream: StreamState, _ group: GroupState, isServer: Bool
    ) -> Choice {
        Choice(
            stream: stream, group: group, request: request, visibility: visibility.millisecondsRoundedUp, now: now,
            patience: isServer ? (visibility / 3).millisecondsRoundedUp : 0,
            loose: isServer ? loose[client.stream][client.group].entries : [])
    }

    /// Leases in the model what the server has leased.
    private mutating func lease(
        _ found: Received, _ request: ReceiveRequest, _ client: Client, _ choice: Choice
    ) throws -> Received {
        var twin = model.log
        guard
            case .received(let own) = twin.receive(
                request, subscription: client.modelSubscription, isLast: true, at: model.time)
        else {
            throw Difference("the model did not answer")
        }
        do throws(Difference) {
            try self.choice(of: client, request, choice.stream, choice.group, isServer: false).check(own)
        } catch {
            throw Difference("in the model: \(error)")
        }
        if Self.ids(own) == Self.ids(found) {
            tally.sameChoices += 1
            model.log = twin
            return own
        }
        tally.otherChoices += 1
        return model.log.lease(Self.ids(found), subscription: client.modelSubscription, at: model.time)
    }

    private static func ids(_ received: Received) -> Set<MessageID> {
        Set(received.messages.map(\.receipt.id)).union(received.missing.map(\.id))
    }

    private mutating func note(_ found: Received, _ expected: Received, _ place: Int, _ isLost: Bool) throws {
        try Self.equal(Set(found.missing), Set(expected.missing), "missing")
        let model = Dictionary(uniqueKeysWithValues: expected.messages.map { ($0.receipt.id, $0) })
        try Self.equal(Set(found.messages.map(\.receipt.id)), Set(model.keys), "received")
        tally.given += found.messages.count
        for message in found.messages {
            guard let other = model[message.receipt.id] else { continue }
            try Self.equal(Given(message), Given(other), "received")
            let lease = Client.Lease(model: other.receipt, server: message.receipt)
            if !isLost { clients[place].leases[CallSequence.number(of: message.message), default: []].append(lease) }
        }
    }

    /// What must be equal of a message that was given.
    private struct Given: Hashable {
        let id: MessageID
        let token: UInt64
        let message: Message
        let counts: [Int]
        let origin: InboundMessage.Origin

        init(_ inbound: InboundMessage) {
            (id, token, message) = (inbound.receipt.id, inbound.receipt.token, inbound.message)
            (counts, origin) = ([inbound.attempt, inbound.releases], inbound.origin)
        }
    }
}

extension DifferentialRun {
    mutating func settle(_ place: Int, _ decisions: [Call.Decision], _ isLost: Bool) async throws {
        let client = clients[place]
        var seen: Set<Int> = []
        let known = decisions.filter { client[$0.lease] != nil && seen.insert($0.lease.message).inserted }
        let actions = known.map { action($0.verb, $0.lease.message) }
        let leases = known.compactMap { client[$0.lease] }
        let found: [SettlementOutcome]
        do throws(BrokerError) {
            found = try await client.subscription.settle(zip(leases, actions).map { Settlement($0.server, $1) })
        } catch {
            throw Difference("settled \(error)")
        }
        var expected = model.log.settle(
            zip(leases, actions).map { Settlement($0.model, $1) }, subscription: client.modelSubscription,
            at: model.time)
        if LegalDifferences.renewsWhatItHas { followRenewals(found, &expected, leases, client.modelSubscription) }
        noteLeftovers(zip(leases, actions), client)
        if LegalDifferences.acksAcrossEpochs { try await followAcks(zip(leases, actions), client) }
        try compare(found, expected ?? [], actions)
        if !isLost { renew(place, known.map(\.lease), leases, expected ?? [], found) }
    }

    mutating func extend(_ place: Int, _ numbers: [Call.LeaseNumber], _ isLost: Bool) async throws {
        let client = clients[place]
        let leases = numbers.compactMap { client[$0] }
        let found: [SettlementOutcome]
        do throws(BrokerError) {
            found = try await client.subscription.extend(leases.map(\.server))
        } catch {
            throw Difference("extended \(error)")
        }
        let expected = model.log.extend(leases.map(\.model), subscription: client.modelSubscription, at: model.time)
        try compare(found, expected ?? [], [])
    }

    private func compare(_ found: [SettlementOutcome], _ expected: [SettlementOutcome], _ actions: [Settlement.Action])
        throws
    {
        try Self.equal(texts(found, actions), texts(expected, actions), "outcomes")
    }

    private func texts(_ outcomes: [SettlementOutcome], _ actions: [Settlement.Action]) -> [String] {
        outcomes.enumerated().map { place, outcome in
            LegalDifferences.outcome(outcome, of: actions.indices.contains(place) ? actions[place] : nil)
        }
    }

    private func action(_ verb: Call.Verb, _ message: Int) -> Settlement.Action {
        switch verb {
        case .ack: .ack
        case .renew: .renew
        case .bury: .deadLetter(DeadLetterNote(reason: .rejected, error: "no. \(message)", attempts: message % 7))
        case .retry(let delay): .retry(after: .milliseconds(delay))
        case .release(let delay): .release(after: .milliseconds(delay))
        case .forward(let numbers, let stream):
            .forward(numbers.map { CallSequence.message($0) }, to: CallSequence.streams[stream])
        }
    }

    /// An ack is taken also of what waits; its line in the sorted set is left for the sweep.
    private mutating func noteLeftovers(_ lines: Zip2Sequence<[Client.Lease], [Settlement.Action]>, _ client: Client) {
        let pending = states[client.stream].groups[client.group]?.pending ?? []
        let waiting = Set(pending.filter { $0.holder == nil }.map(\.id))
        for case (let lease, .ack) in lines where waiting.contains(lease.server.id) {
            loose[client.stream][client.group].hasLeftovers = true
        }
    }

    private mutating func followRenewals(
        _ found: [SettlementOutcome], _ expected: inout [SettlementOutcome]?, _ leases: [Client.Lease],
        _ modelSubscription: Int
    ) {
        for (place, outcomes) in zip(found, expected ?? []).enumerated() {
            guard case (.renewed, .lost) = outcomes else { continue }
            var receipt = leases[place].model
            receipt.token += 1
            guard let outcome = model.log.extend([receipt], subscription: modelSubscription, at: model.time)?.first,
                case .done = outcome
            else { continue }
            expected?[place] = .renewed(receipt)
        }
    }

    /// An ack of an epoch that is over, by a consumer that does not know that yet, is taken by the server.
    private mutating func followAcks(
        _ lines: Zip2Sequence<[Client.Lease], [Settlement.Action]>, _ client: Client
    ) async throws {
        let (group, stream) = (CallSequence.groups[client.group], CallSequence.streams[client.stream])
        let left = Set(model.log.pending(in: group, of: stream)?.map(\.id) ?? [])
        var doubtful: [MessageID] = []
        for case (let lease, .ack) in lines where left.contains(lease.model.id) { doubtful.append(lease.model.id) }
        if doubtful.isEmpty { return }
        let found = try await serverStates()[client.stream].groups[client.group]?.pending ?? []
        for id in doubtful where !found.contains(where: { $0.id == id }) {
            model.log.acknowledge(id, in: group, of: stream)
        }
    }

    private mutating func renew(
        _ place: Int, _ numbers: [Call.LeaseNumber], _ leases: [Client.Lease], _ model: [SettlementOutcome],
        _ server: [SettlementOutcome]
    ) {
        for (number, outcomes) in zip(numbers, zip(model, server)) {
            guard case (.renewed(let model), .renewed(let server)) = outcomes else { continue }
            clients[place].leases[number.message, default: []].append(Client.Lease(model: model, server: server))
        }
    }
}
