// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

extension ConfigurationCheck {
    /// Checks values that must agree with each other.
    mutating func checkPolicies(of stream: StreamConfiguration) {
        checkRetention(of: stream)
        checkBody(of: stream)
        checkDurability(of: stream)
        for layers in ConsumerLayer.all(of: stream, in: configuration) {
            checkDelays(layers)
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

    private mutating func checkDurability(of stream: StreamConfiguration) {
        let path: ConfigurationPath = ["streams", stream.selection.text, "durability"]
        let isDoubtful = ["replicas", "fsync"].contains { doubtful.contains(path.appending($0)) }
        guard stream.durability?.asksForNothing == true, !isDoubtful else { return }
        report("'\(path)' waits for nothing; add 'replicas', such as 1, or 'fsync: true'", at: path)
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

    private func isDoubtful(_ keys: [String], _ layers: [ConsumerLayer]) -> Bool {
        layers.contains { doubtful.contains($0.path.appending(keys)) }
    }
}
