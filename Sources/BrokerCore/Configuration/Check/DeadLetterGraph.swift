// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// Where the dead letters of each stream go, to find a circle in time linear in the size of the file.
struct DeadLetterGraph {
    private var origins: [String] = []
    private var destinations: [String: [String]] = [:]

    /// Adds a way.
    mutating func add(_ origin: String, to destination: String) {
        if destinations[origin] == nil { origins.append(origin) }
        destinations[origin, default: []].append(destination)
    }

    /// A stream whose dead letters come back to it, and where they go first; `nil` when there is none.
    var circle: (origin: String, next: String)? {
        var done: Set<String> = []
        for origin in origins where !done.contains(origin) {
            if let circle = circle(from: origin, &done) { return circle }
        }
        return nil
    }

    /// Follows every way from a stream; one that leads back onto the path it took is a circle.
    private func circle(from start: String, _ done: inout Set<String>) -> (origin: String, next: String)? {
        var path = [(name: start, rest: destinations[start, default: []][...])]
        var depths = [start: 0]
        while let next = path.last?.rest.first {
            path[path.count - 1].rest.removeFirst()
            if let depth = depths[next] {
                return (next, depth + 1 < path.count ? path[depth + 1].name : next)
            }
            if !done.contains(next) {
                depths[next] = path.count
                path.append((next, destinations[next, default: []][...]))
            }
            while let last = path.last, last.rest.isEmpty {
                path.removeLast()
                depths[last.name] = nil
                done.insert(last.name)
            }
        }
        return nil
    }
}
