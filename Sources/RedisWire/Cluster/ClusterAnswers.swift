// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// The answers to the commands of a batch, as they come from several nodes.
struct ClusterAnswers: Sendable {
    /// What stands in the place of a reply.
    fileprivate enum Answer {
        case reply(RedisReply)
        case failure(RedisError)
        /// The elements of several arrays.
        case joined([RedisReply])
    }

    private var answers: [Answer?]
    private var missing: Int
    private let parts: [Int: ClusterParts]
    private var partial: [Int: [Answer?]]
    /// How many replies came from nodes.
    private(set) var answered = 0

    init(count: Int, parts: [Int: ClusterParts]) {
        answers = []
        missing = count
        self.parts = parts
        partial = parts.mapValues { Array(repeating: nil, count: $0.count) }
    }

    /// Whether every command has its answer.
    var isComplete: Bool { missing == 0 }

    /// Takes the reply to one command of a piece.
    mutating func take(_ positions: ClusterPiece.Positions, _ index: Int, _ reply: RedisReply) {
        answered += 1
        set(positions.single(index), .reply(reply))
    }

    /// Takes the reason why the commands of a piece have no replies.
    mutating func fail(_ positions: ClusterPiece.Positions, _ error: RedisError) {
        for index in 0..<positions.count { set(positions.single(index), .failure(error)) }
    }

    private mutating func set(_ place: ClusterPiece.Positions, _ answer: Answer) {
        guard case .part(let part, let position) = place else { return set(place[0], answer) }
        partial[position]?[part] = answer
        guard let parts = parts[position], let all = partial[position], all.allSatisfy({ $0 != nil }) else { return }
        set(position, Self.join(all.compactMap { $0 }, parts))
    }

    private mutating func set(_ position: Int, _ answer: Answer) {
        if answers.isEmpty { answers = Array(repeating: nil, count: missing) }
        guard answers[position] == nil else { return }
        answers[position] = answer
        missing -= 1
    }

    private static func join(_ answers: [Answer], _ parts: ClusterParts) -> Answer {
        var arrays: [RedisReply] = []
        var others: [Answer] = []
        for answer in answers {
            if case .reply(let reply) = answer, reply.kind == .array {
                arrays.append(reply)
            } else {
                others.append(answer)
            }
        }
        let problem = others.first { $0.isProblem }
        switch parts {
        case .streams: return arrays.isEmpty ? problem ?? answers[0] : .joined(arrays)
        case .copies: return problem ?? (arrays.isEmpty ? answers[0] : .joined(arrays))
        }
    }

    /// Returns the replies in the order of the commands; an error if there is not a single one.
    func result() -> Result<RedisReplies, RedisError> {
        let failures = answers.compactMap { answer in
            if case .failure(let error) = answer { error } else { nil }
        }
        if failures.count == answers.count, let error = failures.first {
            return .failure(failures.first { $0.effect == .unknown } ?? error)
        }
        var joined = JoinedReplies()
        for answer in answers {
            switch answer {
            case .reply(let reply): joined.add(reply)
            case .joined(let arrays): joined.add(elementsOf: arrays)
            case .failure(let error): joined.add(error)
            case nil: joined.add(RedisError(.malformedReply, "there is no reply", effect: .unknown))
            }
        }
        return .success(joined.replies())
    }
}

extension ClusterAnswers.Answer {
    fileprivate var isProblem: Bool {
        switch self {
        case .reply(let reply): reply.kind == .error
        case .failure: true
        case .joined: false
        }
    }
}
