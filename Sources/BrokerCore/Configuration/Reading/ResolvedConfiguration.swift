// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// Every value that applies, with its origin and without secrets: what `config show --resolved` prints.
package struct ResolvedConfiguration: Sendable {
    /// The values of the file, of each broker, and of each group with the nearest place that set them.
    package let values: [ConfigurationReading]

    /// Combines the values that were read with the defaults.
    package init(_ configuration: BrokersConfiguration, readings: [ConfigurationReading]) {
        let byPath = Dictionary(readings.map { ($0.path, $0) }, uniquingKeysWith: { first, _ in first })
        let origins = DeadLetterOrigins(configuration)
        var values = readings.filter { !Self.isOfLayers($0.path) }
        for stream in configuration.streams {
            let path: ConfigurationPath = ["streams", stream.selection.text]
            values += Self.references(of: stream, at: path, configuration, byPath)
            for group in stream.groups {
                let own = path.appending(["groups", group.name.text])
                let keys = Self.keys(ofGroupsThatHoldDeadLetters: origins.origins(of: stream.selection) != nil)
                values += Self.effective(keys, at: own, layers: [own, path, ["defaults"]], stream, byPath)
            }
        }
        self.values = values
    }

    /// The options of defaults and streams are listed with each group.
    private static func isOfLayers(_ path: ConfigurationPath) -> Bool {
        guard let first = path.components.first else { return false }
        return first == "defaults" || first == "streams"
    }

    private static func references(
        of stream: StreamConfiguration, at path: ConfigurationPath, _ configuration: BrokersConfiguration,
        _ readings: [ConfigurationPath: ConfigurationReading]
    ) -> [ConfigurationReading] {
        ConfigurationKeys.all.filter { $0.places == [.stream] && $0.kind != .map }.compactMap { key in
            let place = path.appending(key.components)
            if let reading = readings[place] { return reading }
            if key.name == "body.field", readings[path.appending("body")] != nil { return nil }
            guard key.name == "broker" else { return fallBack(key, place) }
            let reading = readings[["default"]]
            let text = reading?.text ?? configuration.standardBroker?.text.visible ?? "none"
            return ConfigurationReading(path: place, text: text, position: reading?.position, origin: reading?.origin)
        }
    }

    /// The keys of a group that have an effect.
    private static func keys(ofGroupsThatHoldDeadLetters holdsDeadLetters: Bool) -> [ConfigurationKey] {
        ConfigurationKeys.all.filter { key in
            let isIdle = holdsDeadLetters && DeadLetterOrigins.idleKeys.contains(where: key.components.starts(with:))
            return key.places.contains(.group) && !isIdle
        }
    }

    private static func effective(
        _ keys: [ConfigurationKey], at path: ConfigurationPath, layers: [ConfigurationPath],
        _ stream: StreamConfiguration,
        _ readings: [ConfigurationPath: ConfigurationReading]
    ) -> [ConfigurationReading] {
        keys.map { key in
            let place = path.appending(key.components)
            for layer in layers {
                guard var reading = readings[layer.appending(key.components)] else { continue }
                reading.path = place
                return reading
            }
            if key.name == "dead-letter.stream" {
                return ConfigurationReading(path: place, text: deadLetters(of: stream.selection))
            }
            return fallBack(key, place)
        }
    }

    private static func deadLetters(of selection: StreamSelection) -> String {
        switch selection {
        case .stream(let name): name.deadLetters.text
        case .pattern: "{…}:dead of each stream"
        }
    }

    private static func fallBack(_ key: ConfigurationKey, _ path: ConfigurationPath) -> ConfigurationReading {
        ConfigurationReading(path: path, text: key.standard)
    }
}

extension ConfigurationReading {
    /// The origin in words: `brokers.yaml:12:5, environment production, variable REDIS_URL`, or `default`.
    package var source: String {
        guard let origin else { return "default" }
        var parts: [String] = position.map { ["\($0)"] } ?? []
        if let environment = origin.environment { parts.append("environment \(environment)") }
        parts += origin.variables.map { "variable \($0)" }
        return parts.isEmpty ? "code" : parts.joined(separator: ", ")
    }
}
