// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// The key table: every key of the file itself. The keys of a provider are documented with the provider.
package enum ConfigurationKeys {
    /// The rows in the order of the documentation.
    package static let all: [ConfigurationKey] = top + brokers + streams + consuming

    private static let defaults = ConsumerSettings()
    private static let everywhere: [ConfigurationKey.Place] = [.defaults, .stream, .group]

    private static let top = [
        row("version", [.top], .exactly("1"), "required", "The version of the file's format."),
        row("default", [.top], .text, "the only broker", "The broker of streams that name none."),
        row(
            "drain", [.top], .duration(ConfigurationBounds.drain), "30s",
            "How long a shutdown may take; handlers may finish until 5 s before its end."),
        row(
            "log-errors", [.top], .choice(words(ErrorDetail.self)), ErrorDetail.type.rawValue,
            "What a log line says of a handler's error: its type, or `full`, its text too."),
        row("brokers", [.top], .map, "required", "The brokers by name."),
        row("defaults", [.top], .map, "none", "What holds for every group that says nothing else."),
        row("streams", [.top], .map, "none", "The streams and patterns (with `*`) by name."),
        row("environments", [.top], .map, "none", "What changes in an environment, by its name."),
    ]

    private static let brokers = [
        row(
            "provider", [.broker], .text, "required",
            "The provider that serves it; every other key of a broker is the provider's own.")
    ]

    private static let streams = [
        row("broker", [.stream], .text, "the default broker", "The broker that carries it."),
        row("also", [.stream], .text, "none", "A broker on which every stored message is broadcast as well."),
        row(
            "guarantee", [.stream], .choice(words(DeliveryGuarantee.self)), DeliveryGuarantee.atLeastOnce.rawValue,
            "What it demands: `at-least-once` needs redelivery after a crash, `at-most-once` nothing."),
        row(
            "body", [.stream], .body, "one field",
            "Where the body is in an entry: `fields`: all of them, as a JSON object; `raw`: nowhere."),
        row("body.field", [.stream], .text, ReservedHeaders.payload, "The field that is the body."),
        row(
            "max-payload", [.stream], .size(ConfigurationBounds.maximumPayload),
            ScalarGrammar.text(ofSize: StreamConfiguration.defaultMaximumPayload), "The largest body."),
        row(
            "retention.max-length", [.stream], .integer(ConfigurationBounds.maximumLength), "none",
            "The most entries that it keeps."),
        row(
            "retention.max-age", [.stream], .duration(ConfigurationBounds.maximumAge), "none",
            "How long it keeps an entry."),
        row(
            "retention.policy", [.stream], .choice(words(RetentionPolicy.Mode.self)), RetentionPolicy().mode.rawValue,
            "What gives way: `hold` the bound, `cap` the oldest messages."),
        row(
            "deduplication.window", [.stream], .duration(ConfigurationBounds.window),
            ScalarGrammar.text(of: DeduplicationPolicy().window),
            "How long the id of a publish is remembered, so that its message is stored once."),
        row(
            "deduplication.max-ids", [.stream], .integer(ConfigurationBounds.maximumIDs),
            "\(DeduplicationPolicy().maximumIDs)", "How many ids are remembered; the oldest give way."),
        row(
            "durability.replicas", [.stream], .integer(ConfigurationBounds.replicas), "\(DurabilityPolicy().replicas)",
            "How many replicas confirm a message before its publish returns."),
        row(
            "durability.timeout", [.stream], .duration(ConfigurationBounds.confirmation),
            ScalarGrammar.text(of: DurabilityPolicy().timeout),
            "How long a publish waits for that; then it fails with `underReplicated`."),
        row(
            "durability.fsync", [.stream], .flag, "\(DurabilityPolicy().fsync)",
            "Whether the message must be on disk, at the server and at these replicas."),
        row("groups", [.stream], .map, "none", "The groups that consume it, by name."),
    ]

    private static let consuming = [
        row(
            "visibility", everywhere, .duration(ConfigurationBounds.visibility),
            ScalarGrammar.text(of: defaults.visibility), "How long a lease lasts unless it is extended."),
        row(
            "timeout", everywhere, .duration(ConfigurationBounds.timeout), "none", "How long a handler may take."),
        row(
            "warn-after", everywhere, .duration(ConfigurationBounds.warnAfter), "three times `visibility`",
            "How long a handler runs before a warning says so, and again each time after twice as long."),
        row(
            "retry.attempts", everywhere, .integer(ConfigurationBounds.attempts), "\(defaults.retry.attempts)",
            "How often a handler is run in all, the first time included."),
        row(
            "retry.backoff", everywhere, .choice(words(RetryPolicy.Backoff.self)), defaults.retry.backoff.rawValue,
            "How the delay grows."),
        row(
            "retry.initial", everywhere, .duration(ConfigurationBounds.delay),
            ScalarGrammar.text(of: defaults.retry.initial), "The delay after the first failure."),
        row(
            "retry.max", everywhere, .duration(ConfigurationBounds.delay),
            ScalarGrammar.text(of: defaults.retry.maximum), "The longest delay."),
        row(
            "retry.jitter", everywhere, .fraction(ConfigurationBounds.jitter),
            ScalarGrammar.text(ofFraction: defaults.retry.jitter),
            "The part by which chance lengthens or shortens a delay: 0.5 is ±50%."),
        row(
            "dead-letter.stream", everywhere, .text, "`{orders}:dead` for `orders`",
            "Where messages go whose attempts are spent."),
        row(
            "dead-letter.enabled", everywhere, .flag, "\(defaults.deadLetter.isEnabled)",
            "Whether they are kept; without, the last failure acknowledges."),
        row(
            "on-undecodable", everywhere, .choice(words(UndecodablePolicy.self)), defaults.onUndecodable.rawValue,
            "When a new group cannot decode its first ten messages: keep them and `stop`, or `dead-letter`."),
        row(
            "concurrency", [.defaults, .group], .integer(ConfigurationBounds.concurrency), "\(defaults.concurrency)",
            "How many handlers run at once."),
        row(
            "prefetch", [.defaults, .group], .integer(ConfigurationBounds.prefetch), "\(defaults.prefetch)",
            "How many messages wait in memory for a handler."),
        row(
            "ordering", [.defaults, .group], .choice(words(Ordering.self)), defaults.ordering.rawValue,
            "`key`: equal keys in order; `stream`: strictly one at a time."),
        row(
            "start", [.defaults, .group], .start, "the earliest that the provider has",
            "Where a group begins when it is created."),
    ]

    private static func row(
        _ name: String, _ places: [ConfigurationKey.Place], _ kind: ConfigurationKind, _ standard: String,
        _ summary: String
    ) -> ConfigurationKey {
        ConfigurationKey(name, places, kind, standard, summary)
    }

    private static func words<Choice>(_ type: Choice.Type) -> [String]
    where Choice: CaseIterable & RawRepresentable, Choice.RawValue == String {
        type.allCases.map(\.rawValue)
    }
}

extension ConfigurationKeys {
    /// The key table as Markdown. `docs/configuration.md` contains it literally.
    package static var markdown: String { markdown(of: all) }

    /// Returns rows as Markdown: those of the file, or those of a provider.
    package static func markdown(of keys: [ConfigurationKey]) -> String {
        let head = ["| key | where | takes | default | meaning |", "|---|---|---|---|---|"]
        let rows = keys.map { key in
            let places = key.places.map(\.rawValue).joined(separator: ", ")
            let isWords = key.standard.contains(" ") || ["none", "required"].contains(key.standard)
            let standard = isWords ? key.standard : "`\(key.standard)`"
            return "| `\(key.name)` | \(places) | \(key.kind.expectation) | \(standard) | \(key.summary) |"
        }
        return (head + rows).joined(separator: "\n")
    }
}

/// One row of the key table: a key of `brokers.yaml`, its places, its kind and its default.
package struct ConfigurationKey: Sendable {
    /// The places of keys. Closed by design: the file has these.
    package enum Place: String, Sendable, CaseIterable {
        case top, broker, defaults, stream, group
    }

    /// The key, with the key of its map: `retry.attempts`.
    package var components: [String]
    /// The places where the key is allowed. The nearest wins.
    package var places: [Place]
    /// The kind of its value.
    package var kind: ConfigurationKind
    /// The default, as it is written in a file, or in words.
    package var standard: String
    /// The meaning, in a sentence.
    package var summary: String

    /// Makes a row. In the name, a dot separates the key from that of its map.
    package init(
        _ name: String, _ places: [Place], _ kind: ConfigurationKind, _ standard: String, _ summary: String
    ) {
        components = name.split(separator: ".").map(String.init)
        self.places = places
        self.kind = kind
        self.standard = standard
        self.summary = summary
    }

    /// The name of the key, such as `retry.attempts`.
    package var name: String { components.joined(separator: ".") }
}
