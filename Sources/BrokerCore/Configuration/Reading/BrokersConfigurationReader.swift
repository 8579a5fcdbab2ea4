// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// Reads the tree of a file into a ``BrokersConfiguration``: every key of the key table.
///
/// It returns what it could read and records problems. ``ConfigurationCheck`` checks whether the values agree with each
/// other.
package struct BrokersConfigurationReader {
    private var reader: ConfigurationReader

    /// Everything that was recorded.
    package var record: ConfigurationRecord { reader.record }

    /// Makes a reader of an expanded tree, whose overlays have been applied and removed.
    package init(_ root: ConfigurationNode) {
        reader = ConfigurationReader(root, path: .top)
    }

    /// Reads the file.
    package mutating func read(environment: String?) -> BrokersConfiguration {
        reader.require("version", "brokers")
        reader.leave(["environments"])
        _ = reader.value("version", .exactly("1")) { $0 == "1" ? 1 : nil }
        let defaultBroker = reader.string("default").map { BrokerName($0) }
        let drain = reader.duration("drain", in: ConfigurationBounds.drain, default: .seconds(30))
        let errorDetail = reader.choice("log-errors", default: ErrorDetail.type)
        let brokers = reader.names("brokers", of: .broker, Self.broker)
        let defaults = reader.section("defaults") { Self.options(&$0, at: .defaults) }
        let streams = reader.names("streams", of: .stream, Self.stream)
        reader.finish()
        var configuration = BrokersConfiguration(
            brokers: brokers, defaultBroker: defaultBroker, drain: drain, errorDetail: errorDetail, defaults: defaults,
            streams: streams, environment: environment)
        configuration.positions = reader.record.positions
        configuration.variables = reader.record.variables
        return configuration
    }

    /// The options of a broker belong to its provider. Without one they cannot be checked.
    private static func broker(_ name: String, _ reader: inout ConfigurationReader) -> BrokerConfiguration? {
        reader.require("provider")
        let provider = reader.string("provider")
        let options = (reader.node.entries ?? []).filter { $0.key != "provider" }
        let isSpelt = provider != nil || reader.contains("provider")
        let others = options.map(\.key)
        reader.leave(isSpelt ? others : others.filter { ConfigurationReader.meant(by: $0, among: ["provider"]) == nil })
        return BrokerConfiguration(
            BrokerName(name), provider: provider ?? "",
            options: ConfigurationNode(.map(options), position: reader.node.position), position: reader.position)
    }

    private static func stream(_ name: String, _ reader: inout ConfigurationReader) -> StreamConfiguration? {
        var stream = StreamConfiguration(name, position: reader.position)
        stream.broker = reader.string("broker").map { BrokerName($0) }
        stream.also = reader.string("also").map { BrokerName($0) }
        stream.guarantee = reader.choice("guarantee", default: stream.guarantee)
        stream.body = body(&reader)
        stream.maximumPayload = reader.size(
            "max-payload", in: ConfigurationBounds.maximumPayload, default: stream.maximumPayload)
        stream.retention = reader.section("retention", retention)
        stream.deduplication = reader.section("deduplication", deduplication)
        stream.durability = reader.section("durability", durability)
        stream.options = options(&reader, at: .stream)
        stream.groups = reader.names("groups", of: .group) { name, reader in
            GroupConfiguration(GroupName(name), options(&reader, at: .group), position: reader.position)
        }
        return stream
    }

    /// Reads where the body is: a word, or a map with the name of the field.
    private static func body(_ reader: inout ConfigurationReader) -> BodyLayout? {
        let isMap = reader.node["body"]?.entries != nil
        if reader.contains("body"), !isMap {
            return reader.value("body", .body) { ["fields": BodyLayout.fields, "raw": .raw][$0] }
        }
        return reader.section("body") { reader in
            if isMap { reader.require("field") }
            return reader.string("field").map { .field($0) }
        }
    }

    private static func retention(_ reader: inout ConfigurationReader) -> RetentionPolicy {
        RetentionPolicy(
            maximumLength: reader.integer("max-length", in: ConfigurationBounds.maximumLength),
            maximumAge: reader.duration("max-age", in: ConfigurationBounds.maximumAge),
            mode: reader.choice("policy", of: RetentionPolicy.Mode.self) ?? .hold)
    }

    private static func deduplication(_ reader: inout ConfigurationReader) -> DeduplicationPolicy? {
        let window = reader.duration("window", in: ConfigurationBounds.window)
        let maximumIDs = reader.integer("max-ids", in: ConfigurationBounds.maximumIDs)
        if window == nil, maximumIDs == nil { return nil }
        let standard = DeduplicationPolicy()
        return DeduplicationPolicy(
            window: window ?? standard.window, maximumIDs: maximumIDs ?? standard.maximumIDs)
    }

    private static func durability(_ reader: inout ConfigurationReader) -> DurabilityPolicy? {
        let replicas = reader.integer("replicas", in: ConfigurationBounds.replicas)
        let timeout = reader.duration("timeout", in: ConfigurationBounds.confirmation)
        let fsync = reader.flag("fsync")
        if replicas == nil, timeout == nil, fsync == nil { return nil }
        let standard = DurabilityPolicy()
        return DurabilityPolicy(
            replicas: replicas ?? standard.replicas, timeout: timeout ?? standard.timeout,
            fsync: fsync ?? standard.fsync)
    }

    /// Reads the options that defaults, streams and groups share. A stream does not set how its groups consume.
    private static func options(
        _ reader: inout ConfigurationReader, at place: ConfigurationKey.Place
    ) -> ConsumerOptions {
        var options = ConsumerOptions()
        options.visibility = reader.duration("visibility", in: ConfigurationBounds.visibility)
        options.timeout = reader.duration("timeout", in: ConfigurationBounds.timeout)
        options.warnAfter = reader.duration("warn-after", in: ConfigurationBounds.warnAfter)
        options.retry = reader.section("retry", retry)
        (options.deadLetterStream, options.deadLetterEnabled) = reader.section("dead-letter") { reader in
            (reader.string("stream").map { StreamName($0) }, reader.flag("enabled"))
        }
        options.onUndecodable = reader.choice("on-undecodable", of: UndecodablePolicy.self)
        if place == .stream { return options }
        options.concurrency = reader.integer("concurrency", in: ConfigurationBounds.concurrency)
        options.prefetch = reader.integer("prefetch", in: ConfigurationBounds.prefetch)
        options.ordering = reader.choice("ordering", of: Ordering.self)
        options.start = reader.value("start", .start) { StartPosition($0) }
        return options
    }

    private static func retry(_ reader: inout ConfigurationReader) -> RetryOptions {
        RetryOptions(
            attempts: reader.integer("attempts", in: ConfigurationBounds.attempts),
            backoff: reader.choice("backoff", of: RetryPolicy.Backoff.self),
            initial: reader.duration("initial", in: ConfigurationBounds.delay),
            maximum: reader.duration("max", in: ConfigurationBounds.delay),
            jitter: reader.fraction("jitter", in: ConfigurationBounds.jitter))
    }
}
