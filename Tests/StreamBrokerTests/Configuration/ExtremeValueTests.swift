// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerEngine
import BrokerRedis
import StreamBroker
import Testing

/// Numbers at the ends of what can be written: refused or taken, and no arithmetic fails.
@Suite struct ExtremeValueTests {
    private static let numbers = [
        "0", "-0", "1", "-1", "9223372036854775807", "-9223372036854775808", "9223372036854775808",
        "99999999999999999999999999",
    ]
    private static let units = ["", "ms", "s", "d", "B", "GiB", ".0", ".99999999999999999999999"]
    private static let others = [
        "", "~", "''", "1e308", "-1e308", ".inf", "9999-12-31T23:59:59.999-23:59", "1970-01-01T00:00:00+23:59",
        "18446744073709551615-18446744073709551615", "18446744073709551616-0", "[9223372036854775807]",
    ]

    private static let keys = ConfigurationKeys.all + RedisBrokerKeys.all + RedisPubSubKeys.all

    @Test(arguments: keys.map(\.name)) func everyKeyTakesOrRefusesWhatIsExtreme(_ name: String) async throws {
        let values = Self.numbers.flatMap { number in Self.units.map { number + $0 } } + Self.others
        for key in Self.keys where key.name == name {
            for (place, value) in key.places.flatMap({ place in values.map { (place, $0) } }) {
                for provider in ["memory", "redis-streams", "redis-pubsub"]
                where place == .broker || provider == "memory" {
                    // Tests beside this one need the thread too.
                    await Task.yield()
                    let report = try read(key, place, value, provider)
                    _ = report.problems.map { "\($0)" } + (report.resolved?.values.map { "\($0.source)" } ?? [])
                    guard report.errors.isEmpty, place != .broker else { continue }
                    _ = try BrokerRegistry(
                        configuration: try report.usable, providers: BuiltInProviders.factories,
                        codec: JSONMessageCodec())
                }
            }
        }
    }

    private func read(
        _ key: ConfigurationKey, _ place: ConfigurationKey.Place, _ value: String, _ provider: String
    ) throws -> ConfigurationReport {
        let said = key.components.reversed().reduce(value) { "{ \($1): \($0) }" }.dropFirst().dropLast()
        let url = provider == "memory" || key.name == "url" ? "" : ", url: redis://h"
        let broker = place == .broker && key.name != "provider" ? ", \(said)" : ""
        let group = "groups: { billing: {\(place == .group ? said : "")} }"
        let isTop = place == .top
        let text = """
            \(isTop && key.name == "version" ? "" : "version: 1")
            \(isTop && key.name == "brokers" ? "" : "brokers: { events: { provider: \(provider)\(url)\(broker) } }")
            \(isTop ? String(said) : "")
            \(place == .defaults ? "defaults: {\(said)}" : "")
            \(isTop && key.name == "streams" ? "" : "streams: { orders: { \(place == .stream ? "\(said)," : "") \(group) } }")
            """
        return ConfigurationLoader.inspect(
            Array(text.utf8), file: "f", environment: nil, variables: [:], factories: BuiltInProviders.factories)
    }

    @Test(arguments: [Duration.seconds(Int64.max), .seconds(Int64.min), .nanoseconds(-1), .zero])
    func whatIsBuiltInCodeIsCheckedToo(_ time: Duration) async {
        for number in [Int.max, Int.min, 0, -1] {
            await Task.yield()
            let options = ConsumerOptions(
                visibility: time, timeout: time,
                retry: RetryOptions(
                    attempts: number, backoff: .exponential, initial: time, maximum: time, jitter: .nan),
                concurrency: number, prefetch: number, start: .time(Timestamp(milliseconds: Int64(number))))
            var stream = StreamConfiguration("orders", groups: [GroupConfiguration("billing", options)])
            stream.maximumPayload = number
            stream.deduplication = DeduplicationPolicy(window: time, maximumIDs: number)
            stream.durability = DurabilityPolicy(replicas: number, timeout: time)
            stream.retention = RetentionPolicy(maximumLength: number, maximumAge: time, mode: .cap)
            let configuration = BrokersConfiguration(
                brokers: [BrokerConfiguration("events", provider: "live-only")], drain: time, streams: [stream])
            let error = #expect(throws: ConfigurationError.self) {
                try configuration.validate(factories: FakeFactory.all)
            }
            #expect(error?.description.contains("'drain' takes a duration") == (time != .zero))
        }
    }
}
