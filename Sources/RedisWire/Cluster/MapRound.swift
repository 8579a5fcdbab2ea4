// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// One question for the map, put to some nodes at once, as a pure value.
struct MapRound: Sendable {
    /// How many nodes are asked at a time.
    static let width = 3

    /// What to do after an answer. Closed by design.
    enum Step: Sendable {
        /// Others are still to answer.
        case wait
        /// The first one has answered; the others have a moment more.
        case waitBriefly
        /// These are asked as well, since none of the others knew.
        case ask([RedisNode])
        /// Every node that there was to ask has answered, or enough did.
        case done
    }

    private(set) var views: [SlotView] = []
    private(set) var errors: [RedisError] = []
    private var untried: [RedisNode]
    private var missing = 0

    /// - Parameter candidates: The nodes to ask, the first ones first.
    init(_ candidates: [RedisNode]) {
        untried = candidates
    }

    /// Returns the nodes to ask next.
    mutating func next() -> [RedisNode] {
        let nodes = Array(untried.prefix(Self.width))
        untried.removeFirst(nodes.count)
        missing += nodes.count
        return nodes
    }

    /// Takes what a node told.
    mutating func take(_ answer: Result<SlotView, RedisError>) -> Step {
        missing -= 1
        switch answer {
        case .success(let view):
            views.append(view)
            if missing > 0 { return views.count == 1 ? .waitBriefly : .wait }
            return .done
        case .failure(let error):
            errors.append(error)
            if missing > 0 { return .wait }
            if views.isEmpty, !untried.isEmpty { return .ask(next()) }
            return .done
        }
    }

    /// Why no node has told a map: what a person must mend comes first.
    func error(_ place: RedisPlace) -> RedisError {
        guard let last = errors.first(where: { !$0.isRetryable }) ?? errors.last else {
            return RedisError(.connection, "no node of \(place) is known")
        }
        guard [.connection, .timeout].contains(last.code) else { return last }
        var error = last.with(.notApplied)
        error.message = "no node of \(place) can be asked which node has which slot; the last one: \(last.message)"
        return error
    }
}
