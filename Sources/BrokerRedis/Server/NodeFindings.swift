// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// Puts together what was found at each primary of a cluster. A pure value.
struct NodeFindings: Sendable {
    private var nodes: [String] = []
    private var places: [ServerFinding: [String]] = [:]
    private var order: [ServerFinding] = []

    /// Adds the findings of a node, which is named by its address.
    mutating func add(_ findings: [ServerFinding], of node: String) {
        nodes.append(node)
        for finding in findings {
            if places[finding] == nil { order.append(finding) }
            places[finding, default: []].append(node)
        }
    }

    /// Returns each finding once. One that does not hold for every node names those for which it does.
    var all: [ServerFinding] {
        order.map { finding in
            let places = places[finding] ?? []
            guard places.count < nodes.count else { return finding }
            var named = finding
            named.message = "at \(places.joined(separator: ", ")): \(finding.message)"
            return named
        }
    }
}

extension ServerFinding {
    /// A primary that could not be asked; others can be used.
    static func silent(_ node: String) -> ServerFinding {
        ServerFinding(severity: .unknown, message: "the node \(node) of the cluster could not be asked")
    }
}
