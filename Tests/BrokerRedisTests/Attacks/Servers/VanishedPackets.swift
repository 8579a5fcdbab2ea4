// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerEngine
import Logging
import RedisTestSupport
import ServiceLifecycle
import StreamBroker
import Synchronization
import Testing

extension AttacksOnServers {
    /// The network swallows packets: nothing is refused and nothing breaks. A drain ends in its time all the same.
    @Suite struct VanishedPackets {
        /// Where the packets vanish.
        enum Silence: String, CaseIterable {
            /// Whoever connects gets no answer, not even a refusal.
            case connects
            /// Connections are accepted and stay open, and nothing is answered.
            case answers
        }

        static let drain = Duration.seconds(1)
        /// Within this behind the end of a drain everything is over. A second is promised and a tenth is taken; a test
        /// machine may be busy.
        static let grace = Duration.milliseconds(2500)

        @Test(arguments: Silence.allCases, ["redis-streams", "redis-pubsub"])
        func whoIsJoiningEndsAtOnce(_ silence: Silence, _ provider: String) async throws {
            try await RedisServer.with { server in
                let hole = try await Self.vanish(server, silence)
                let time = try await DrainedScene(server.url, provider).drain { _ in
                    try await Calm.pass(.milliseconds(300))
                }
                #expect(time < Self.grace, "nothing was held, and nobody waits for the server")
                withExtendedLifetime(hole) {}
            }
        }

        @Test(arguments: Silence.allCases, ["redis-streams", "redis-pubsub"])
        func whoLeavesDoesNotWaitForTheServer(_ silence: Silence, _ provider: String) async throws {
            try await RedisServer.with { server in
                let hole = Mutex<BlackHole?>(nil)
                let time = try await DrainedScene(server.url, provider).drain { scene in
                    try await scene.joined()
                    let vanished = try await Self.vanish(server, silence)
                    hole.withLock { $0 = vanished }
                }
                #expect(time < Self.drain + Self.grace)
            }
        }

        @Test(arguments: Silence.allCases)
        func whatCannotBeSettledIsGivenUpInTime(_ silence: Silence) async throws {
            try await attackAHandler(silence, "redis-streams") { _ in }
        }

        @Test(arguments: Silence.allCases, ["redis-streams", "redis-pubsub"])
        func aServiceGroupEndsInTime(_ silence: Silence, _ provider: String) async throws {
            try await attackAHandler(silence, provider, asService: true) { _ in }
        }

        @Test(arguments: Silence.allCases, ["redis-streams", "redis-pubsub"])
        func aHandlerThatPublishesEndsInTime(_ silence: Silence, _ provider: String) async throws {
            try await attackAHandler(silence, provider) { registry in
                try await registry.publish(Message("y"), to: "done")
            }
        }

        /// The second one waits for the write of the first, and that time counts.
        @Test func whoPublishesWaitsForOneConnectTimeoutInAll() async throws {
            let hole = try BlackHole()
            let registry = try DrainedScene(hole.url, "redis-streams", connectTimeout: "2s").registry
            let times = try await withThrowingTaskGroup(of: Duration.self) { group in
                for _ in 0..<2 {
                    group.addTask {
                        let begin = ContinuousClock.now
                        let error = await #expect(throws: BrokerError.self) {
                            try await registry.publish(Message("x"), to: "work")
                        }
                        #expect(error?.effect == .notApplied)
                        return ContinuousClock.now - begin
                    }
                    try await Calm.pass(.milliseconds(1200))
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(times.allSatisfy { (.milliseconds(1900)...(.milliseconds(2700))).contains($0) }, "\(times)")
            await registry.close()
        }

        /// The packets vanish while a handler runs, which then does something and returns.
        private func attackAHandler(
            _ silence: Silence, _ provider: String, asService: Bool = false,
            _ act: @escaping @Sendable (BrokerRegistry) async throws -> Void
        ) async throws {
            try await RedisServer.with { server in
                let hole = Mutex<BlackHole?>(nil)
                let time = try await DrainedScene(server.url, provider).drain(asService: asService, handling: act) {
                    scene in
                    try await scene.joined()
                    try await scene.registry.publish(Message("x"), to: "work")
                    try await eventually("a handler") { scene.watch.hasBegun.load(ordering: .relaxed) }
                    let vanished = try await Self.vanish(server, silence)
                    hole.withLock { $0 = vanished }
                    scene.gate.open("handler")
                    try await Calm.pass(.milliseconds(300))
                }
                #expect(time < Self.drain + Self.grace)
            }
        }

        static func vanish(_ server: RedisServer, _ silence: Silence) async throws -> BlackHole? {
            guard silence == .connects else {
                try server.freeze()
                return nil
            }
            await server.kill()
            return try await PortWait.untilFree { try BlackHole(port: server.port) }
        }
    }
}

/// A registry on a server, and how long its drain takes.
struct DrainedScene: Sendable {
    /// What its observer and its handler have seen.
    final class Watch: BrokerObserver {
        let hasJoined = Atomic(false)
        let hasBegun = Atomic(false)

        func observe(_ event: BrokerEvent) {
            if case .subscribed = event { hasJoined.store(true, ordering: .relaxed) }
        }
    }

    let registry: BrokerRegistry
    let gate = Gate()
    let watch = Watch()

    init(_ url: String, _ provider: String, connectTimeout: String = "8s") throws {
        let options = ConfigurationNode(
            .map(
                [("url", url), ("connect-timeout", connectTimeout)].map { key, text in
                    .init(key: key, node: ConfigurationNode(.scalar(text, isQuoted: key == "url")))
                }))
        let streams = ["work", "done"].map { name in
            StreamConfiguration(
                name, guarantee: provider == "redis-pubsub" ? .atMostOnce : .atLeastOnce,
                groups: [GroupConfiguration("crew")])
        }
        registry = try BrokerRegistry(
            BrokersConfiguration(
                brokers: [BrokerConfiguration("events", provider: provider, options: options)],
                drain: AttacksOnServers.VanishedPackets.drain, streams: streams),
            observers: [watch], logger: Logger(label: "silent") { _ in SwiftLogNoOpLogHandler() })
    }

    /// Waits until the handler can get messages.
    func joined() async throws {
        try await eventually("a consumer") { watch.hasJoined.load(ordering: .relaxed) }
    }

    /// Runs the registry, alone or as a service of a group, then `body`, then drains; returns how long that took.
    ///
    /// What the run could not settle it throws; what counts here is when it ends.
    func drain(
        asService: Bool = false, handling act: @escaping @Sendable (BrokerRegistry) async throws -> Void = { _ in },
        after body: @escaping @Sendable (DrainedScene) async throws -> Void
    ) async throws -> Duration {
        registry.handle("work", group: "crew") { [registry, gate, watch] _ in
            watch.hasBegun.store(true, ordering: .relaxed)
            await gate.wait(for: "handler")
            try await act(registry)
        }
        let silent = Logger(label: "silent") { _ in SwiftLogNoOpLogHandler() }
        let services = ServiceGroup(configuration: .init(services: [.init(service: registry)], logger: silent))
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { [registry] in try? await asService ? services.run() : registry.run() }
            try await body(self)
            let begin = ContinuousClock.now
            if asService { await services.triggerGracefulShutdown() } else { registry.drain() }
            try await group.waitForAll()
            return ContinuousClock.now - begin
        }
    }
}
