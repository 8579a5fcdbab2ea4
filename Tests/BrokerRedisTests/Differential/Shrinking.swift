// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// Makes a sequence that fails shorter, as long as it fails: halves, quarters and at last single calls are left out,
/// then single parts of calls.
struct Shrinking {
    /// The maximum number of sequences to try.
    static let attempts = 600

    /// The shortest sequence so far, and how it fails.
    private(set) var sequence: CallSequence
    private(set) var difference: Difference
    private var attempts = 0
    private let run: (CallSequence) async throws -> Difference?

    init(
        _ sequence: CallSequence, _ difference: Difference,
        run: @escaping (CallSequence) async throws -> Difference?
    ) {
        (self.sequence, self.difference, self.run) = (sequence, difference, run)
    }

    mutating func shrink() async throws {
        var size = sequence.calls.count
        while size > 0 {
            let before = sequence.calls.count
            try await leaveOut(size)
            let isShorter = sequence.calls.count < before
            size = size > 1 ? size / 2 : isShorter ? 1 : 0
        }
        try await simplify()
    }

    private mutating func leaveOut(_ size: Int) async throws {
        // From the end, so that what follows from a call goes before it.
        var end = sequence.calls.count
        while end > 0 {
            var shorter = sequence
            shorter.calls.removeSubrange(max(0, end - size)..<end)
            try await attempt(shorter)
            end -= size
        }
    }

    private mutating func simplify() async throws {
        for place in sequence.calls.indices {
            var progress = true
            while progress {
                progress = false
                for simpler in sequence.calls[place].simpler where !progress {
                    var other = sequence
                    other.calls[place] = simpler
                    progress = try await attempt(other)
                }
            }
        }
    }

    @discardableResult
    private mutating func attempt(_ other: CallSequence) async throws -> Bool {
        attempts += 1
        guard attempts <= Self.attempts, let difference = try await run(other) else { return false }
        (sequence, self.difference) = (other, difference)
        return true
    }
}

extension Call {
    /// The same with one part less.
    fileprivate var simpler: [Call] {
        switch self {
        case .publish(let numbers, let stream): Self.shorter(numbers).map { .publish($0, to: stream) }
        case .settle(let consumer, let decisions, let isLost):
            (isLost ? [.settle(consumer, decisions)] : [])
                + Self.shorter(decisions).map { .settle(consumer, $0, isLost: isLost) }
        case .extend(let consumer, let leases, let isLost):
            (isLost ? [.extend(consumer, leases)] : [])
                + Self.shorter(leases).map { .extend(consumer, $0, isLost: isLost) }
        case .receive(let consumer, let limit, let suspects, true):
            [.receive(consumer, limit: limit, suspects: suspects)]
        case .join(let consumer, let group, let stream, .latest): [.join(consumer, group: group, of: stream)]
        default: []
        }
    }

    private static func shorter<Part>(_ parts: [Part]) -> [[Part]] {
        guard parts.count > 1 else { return [] }
        return parts.indices.map { place in
            var others = parts
            others.remove(at: place)
            return others
        }
    }
}
