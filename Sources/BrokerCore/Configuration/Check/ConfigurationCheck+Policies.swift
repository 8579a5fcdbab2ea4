// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

extension ConfigurationCheck {
    /// Checks values that must agree with each other.
    mutating func checkPolicies(of stream: StreamConfiguration) {
        checkRetention(of: stream)
        checkBody(of: stream)
        for layers in ConsumerLayer.all(of: stream, in: configuration) {
            checkDelays(layers)
            checkDeadLetter(layers, of: stream)
            checkRoom(layers, in: stream)
        }
    }

    private mutating func checkDelays(_ layers: [ConsumerLayer]) {
        let retry = layers.settings.retry
        guard retry.maximum < retry.initial, !isDoubtful(["retry", "max"], layers),
            !isDoubtful(["retry", "initial"], layers)
        else { return }
        let maximum = layers.path(of: ["retry", "max"]) { $0.retry.maximum != nil }
        let initial = layers.path(of: ["retry", "initial"]) { $0.retry.initial != nil }
        let bound = "retry.max (\(ScalarGrammar.text(of: retry.maximum))\(maximum == nil ? ", the default" : ""))"
        let first = "retry.initial (\(ScalarGrammar.text(of: retry.initial))\(initial == nil ? ", the default" : ""))"
        report("\(bound) is less than \(first)", at: maximum ?? initial ?? layers.own)
    }

    private mutating func checkRetention(of stream: StreamConfiguration) {
        let path: ConfigurationPath = ["streams", stream.selection.text, "retention"]
        let policy = path.appending("policy")
        let isBounded = !stream.retention.keepsEverything
        let mayBeBounded =
            doubtful.contains(path.appending("max-length")) || doubtful.contains(path.appending("max-age"))
        if configuration.positions[policy] != nil || stream.retention.mode == .cap, !isBounded, !mayBeBounded {
            report("'\(policy)' has no bound to keep; add 'max-length' or 'max-age'", at: policy)
        }
    }

    private mutating func checkBody(of stream: StreamConfiguration) {
        guard case .field(let name) = stream.body else { return }
        let path: ConfigurationPath = ["streams", stream.selection.text, "body", "field"]
        if name.isEmpty { report("'\(path)' is empty; write the name of the field that is the body", at: path) }
        guard name.hasPrefix(ReservedHeaders.prefix) else { return }
        let shown = configuration.shown(name)
        report("'\(path)' is \(shown); fields that begin with 'sb-' are StreamBroker's own", at: path)
    }

    /// With `cap`, a stream that is shorter than the concurrency would lose messages that handlers are working on.
    private mutating func checkRoom(_ layers: [ConsumerLayer], in stream: StreamConfiguration) {
        guard stream.retention.mode == .cap, let length = stream.retention.maximumLength, !stream.groups.isEmpty else {
            return
        }
        let concurrency = layers.settings.concurrency
        guard length < concurrency, !isDoubtful(["concurrency"], layers) else { return }
        let path: ConfigurationPath = ["streams", stream.selection.text, "retention", "max-length"]
        report("'\(path)' (\(length), policy cap) is less than concurrency (\(concurrency)) of \(layers.own)", at: path)
    }

    private mutating func checkDeadLetter(_ layers: [ConsumerLayer], of stream: StreamConfiguration) {
        guard let place = layers.path(of: ["dead-letter", "stream"], where: { $0.deadLetterStream != nil }),
            let destination = layers.settings.deadLetter.stream
        else { return }
        refuse("stream", destination.text, NameRules.problem(ofDeadLetterStream: destination.text), at: place)
        let isDisabledHere = layers.contains { layer in
            layer.options.deadLetterStream != nil && layer.options.deadLetterEnabled == false
        }
        if isDisabledHere { report("'\(place)' names a stream while 'dead-letter.enabled' is false", at: place) }
        guard layers.settings.deadLetter.isEnabled, stream.selection.matches(destination) else { return }
        let name = stream.selection.text.quoted
        report("the dead letters of \(name) go to \(configuration.shown(destination.text)), back into it", at: place)
    }

    private func isDoubtful(_ keys: [String], _ layers: [ConsumerLayer]) -> Bool {
        layers.contains { doubtful.contains($0.path.appending(keys)) }
    }

    /// Checks that no dead letter comes back to its stream through other streams.
    mutating func checkDeadLetterCycles() {
        var graph = DeadLetterGraph()
        var places: [[String]: ConfigurationPath] = [:]
        for stream in configuration.streams {
            for layers in ConsumerLayer.all(of: stream, in: configuration) {
                let policy = layers.settings.deadLetter
                guard policy.isEnabled, let destination = policy.stream, !stream.selection.matches(destination),
                    let path = layers.path(of: ["dead-letter", "stream"], where: { $0.deadLetterStream != nil })
                else { continue }
                graph.add(stream.selection.text, to: destination.text)
                places[[stream.selection.text, destination.text]] = path
            }
        }
        guard let cycle = graph.cycle, let path = places[[cycle.origin, cycle.next]] else { return }
        let next = configuration.shown(cycle.next)
        report("the dead letters of \(cycle.origin.quoted) come back to it by way of \(next)", at: path)
    }
}

/// Where the dead letters of each stream go, to find a cycle in time linear in the size of the file.
struct DeadLetterGraph {
    private var origins: [String] = []
    private var destinations: [String: [String]] = [:]

    /// Adds an edge.
    mutating func add(_ origin: String, to destination: String) {
        if destinations[origin] == nil { origins.append(origin) }
        destinations[origin, default: []].append(destination)
    }

    /// A stream whose dead letters come back to it, and where they go first; `nil` if there is none.
    var cycle: (origin: String, next: String)? {
        var done: Set<String> = []
        for origin in origins where !done.contains(origin) {
            if let cycle = cycle(from: origin, &done) { return cycle }
        }
        return nil
    }

    /// Follows every path from a stream. A path that leads back onto itself is a cycle.
    private func cycle(from start: String, _ done: inout Set<String>) -> (origin: String, next: String)? {
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
