// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

package import BrokerCore
package import RedisWire

/// The server's replies as outcomes.
extension SettlementPlan {
    /// What became of one line.
    private enum Verdict {
        case outcome(SettlementOutcome)
        case failed(ServerError)
    }

    /// Returns one outcome for each line, in order.
    ///
    /// - Throws: The server's error if it could do nothing at all for now. Then everything is sent again.
    package func outcomes(_ acks: [RedisReply], _ calls: [RedisReply]) throws(BrokerError) -> [SettlementOutcome] {
        if let outcomes = outcomesOfPlainAcks(acks) { return outcomes }
        var results = membershipOfLine.map { $0 == nil ? Verdict.outcome(.settled) : nil }
        for (positions, reply) in zip(acked, acks) {
            for position in positions { results[position] = result(reply, of: lines[position]) }
        }
        for (positions, reply) in zip(called, calls) {
            var parts = reply.elements.makeIterator()
            for position in positions {
                let part = reply.error == nil ? parts.next() : reply
                results[position] = part.map { result($0, of: lines[position]) }
            }
        }
        try throwIfNothingCanBeDone(results)
        return results.enumerated().map { position, result in
            switch result {
            case .outcome(let outcome): outcome
            case .failed(let error): .refused(refusal(error, at: position))
            case nil: .refused(Self.malformed)
            }
        }
    }

    /// The outcomes if everything was acknowledged, which is the most frequent case by far; `nil` otherwise.
    private func outcomesOfPlainAcks(_ acks: [RedisReply]) -> [SettlementOutcome]? {
        guard called.isEmpty, acked.count <= acks.count, zip(acked, acks).allSatisfy({ ($1.integer ?? 0) > 0 }) else {
            return nil
        }
        var outcomes = [SettlementOutcome](repeating: .settled, count: lines.count)
        for positions in acked {
            for position in positions { outcomes[position] = .done }
        }
        return outcomes
    }

    /// The shortest delay for which something was parked, by stream.
    package func shortestDelays(_ outcomes: [SettlementOutcome]) -> [StreamName: Duration] {
        var delays: [StreamName: Duration] = [:]
        for (position, outcome) in outcomes.enumerated() {
            guard case .done = outcome, case .park(_, let delay) = lines[position].verb else { continue }
            let stream = lines[position].receipt.stream
            delays[stream] = min(delays[stream] ?? delay, delay)
        }
        return delays
    }

    /// The streams in which something was stored in the place of an entry.
    package func destinations(_ outcomes: [SettlementOutcome]) -> Set<StreamName> {
        var streams: Set<StreamName> = []
        for (position, outcome) in outcomes.enumerated() {
            switch (outcome, lines[position].verb) {
            case (.done, .forward(let entries)): streams.formUnion(entries.map(\.stream))
            case (.done, .deadLetter), (.deadLettered, .deadLetter):
                streams.insert(member.deadLetter.destination(for: lines[position].receipt.stream))
            default: break
            }
        }
        return streams
    }

    private static let malformed = BrokerError(
        .malformedReply, "a script did not return an outcome for each entry", isRetryable: true, effect: .unknown)

    private func throwIfNothingCanBeDone(_ results: [Verdict?]) throws(BrokerError) {
        var first: ServerError?
        for case .failed(let error)? in results where error.reaction.isTemporary { first = first ?? error }
        guard let first else { return }
        let isAll = results.allSatisfy {
            if case .failed(let error)? = $0 { error.reaction.isTemporary } else { false }
        }
        if isAll { throw BrokerError(first, "settle") }
    }

    private func result(_ reply: RedisReply, of line: Line) -> Verdict {
        if let error = reply.error { return result(error, of: line) }
        // XACK returns how many were pending, not which.
        if case .ack = line.verb { return .outcome(reply.integer == 0 ? .settled : .done) }
        if case .deadLetter = line.verb, reply.kind == .text, let id = reply.string.flatMap({ MessageID($0) }) {
            return .outcome(.deadLettered(id))
        }
        return switch reply.integer {
        case 1: .outcome(success(of: line))
        case 2: .outcome(.settled)
        case 3: .outcome(.lost)
        case 4: .outcome(.missing)
        case 5: .outcome(.renewed(receipt(of: line)))
        default: .outcome(.refused(Self.malformed))
        }
    }

    private func success(of line: Line) -> SettlementOutcome {
        guard case .extend(let token) = line.verb, token != line.receipt.token else { return .done }
        return .renewed(receipt(of: line))
    }

    private func receipt(of line: Line) -> Receipt {
        var receipt = line.receipt
        receipt.token = line.verb.token ?? receipt.token
        return receipt
    }

    /// A group or a stream that does not exist has nothing pending, so its lines are settled. If a script also writes
    /// to another stream, the error may be about that one.
    private func result(_ error: ServerError, of line: Line) -> Verdict {
        switch (error.reaction, line.verb) {
        case (.ensureGroup, _): .outcome(.settled)
        case (.isolateStream, .ack), (.isolateStream, .park), (.isolateStream, .extend), (.isolateStream, .restore):
            .outcome(.settled)
        default: .failed(error)
        }
    }

    /// The error of one line. If the key of the dead letters holds no stream, the error names that key.
    private func refusal(_ error: ServerError, at position: Int) -> BrokerError {
        var refusal = BrokerError(error, "settle a message")
        if case .deadLetter = lines[position].verb, error.reaction == .isolateStream {
            let stream = lines[position].receipt.stream
            let key = keys.key(of: member.deadLetter.destination(for: stream))
            refusal.message =
                "could not store a dead letter: the key '\(key)' holds no stream; move it away, or set "
                + "another 'dead-letter'"
        }
        return refusal
    }
}
