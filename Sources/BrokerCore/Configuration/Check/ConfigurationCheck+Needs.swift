// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

extension ConfigurationCheck {
    /// Checks that the provider of a stream's broker has the capabilities that the stream needs.
    mutating func checkNeeds(of stream: StreamConfiguration) {
        guard let broker = broker(of: stream), let promised = promises[broker.name] else { return }
        let path: ConfigurationPath = ["streams", stream.selection.text]
        for need in needs(of: stream, at: path) where !promised.contains(need.capability) {
            let who = "the provider \(configuration.shown(broker.provider)) of broker \(broker.name.text.quoted)"
            let lack = need.capability == .replay ? "has no past" : "does not promise \(need.capability)"
            report("\(need.what), but \(who) \(lack)\(need.remedy)", at: need.path, else: need.position)
        }
    }

    private struct Need {
        var capability: BrokerCapabilities
        var what: String
        var path: ConfigurationPath
        var position: SourcePosition?
        var remedy = ""
    }

    private func needs(of stream: StreamConfiguration, at path: ConfigurationPath) -> [Need] {
        var needs: [Need] = []
        let name = "\(path)"
        if case .pattern = stream.selection {
            needs.append(
                Need(capability: .patterns, what: "\(name) is a pattern", path: path, position: stream.position))
        }
        let guarantee = path.appending("guarantee")
        if stream.guarantee == .atLeastOnce, !doubtful.contains(guarantee) {
            needs.append(
                Need(
                    capability: .redelivery, what: "\(name) needs at-least-once", path: guarantee,
                    position: stream.position, remedy: "; write 'guarantee: at-most-once' if it may lose messages"))
        }
        if !stream.retention.keepsEverything {
            let retention = path.appending("retention")
            needs.append(
                Need(
                    capability: .retention, what: "\(name) sets retention", path: retention, position: stream.position))
        }
        if stream.deduplication != nil {
            needs.append(
                Need(
                    capability: .deduplication, what: "\(name) sets deduplication",
                    path: path.appending("deduplication"), position: stream.position))
        }
        if stream.durability != nil {
            needs.append(
                Need(
                    capability: .durability, what: "\(name) sets durability", path: path.appending("durability"),
                    position: stream.position))
        }
        return needs + startNeeds(of: stream)
    }

    private func startNeeds(of stream: StreamConfiguration) -> [Need] {
        guard !stream.groups.isEmpty else { return [] }
        return ConsumerLayer.all(of: stream, in: configuration).compactMap { layers in
            guard let start = layers.settings.start, start != .latest,
                let place = layers.path(of: ["start"], where: { $0.start != nil })
            else { return nil }
            let what = "\(layers.own) starts at \(start)"
            return Need(capability: .replay, what: what, path: place, position: stream.position)
        }
    }
}
