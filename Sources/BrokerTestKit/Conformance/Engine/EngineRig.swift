// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerEngine
import Logging
import Synchronization

/// A process with the engine and the provider under test, for the checks of handlers.
final class EngineRig: Sendable {
    let registry: BrokerRegistry
    let recorder = EventRecorder()

    private let bench: ConformanceBench

    /// Makes a registry with one stream and its groups. It leaves the provider open when it ends.
    init(
        _ bench: ConformanceBench, stream: StreamName, groups: [GroupName] = ["billing"],
        options: ConsumerOptions, drain: Duration? = nil, through provider: (any BrokerProvider)? = nil,
        seed: UInt64 = 1
    ) throws {
        self.bench = bench
        var options = options
        options.visibility = options.visibility ?? bench.visibility
        let configuration = BrokersConfiguration(
            brokers: [BrokerConfiguration("subject", provider: LentProvider.name)],
            drain: drain ?? (bench.visibility * 10 + .seconds(6)),
            streams: [
                StreamConfiguration(stream.text, options: options, groups: groups.map { GroupConfiguration($0) })
            ])
        registry = try BrokerRegistry(
            configuration: configuration, providers: [LentProvider.Factory(provider ?? bench.provider)],
            codec: NoCodec(), observers: [recorder],
            logger: Logger(label: "conformance") { _ in SwiftLogNoOpLogHandler() },
            runtime: bench.time.runtime(seed: seed))
    }

    /// Runs the registry during `body` and drains it. Returns the error of the drain, if there is one.
    @discardableResult
    func run(_ body: @escaping @Sendable () async throws -> Void) async throws -> (any Error)? {
        try await withThrowingTaskGroup(of: (any Error)?.self) { group in
            group.addTask {
                do { try await self.registry.run() } catch { return error }
                return nil
            }
            await bench.time.pass(bench.time.tolerance)
            let result: Result<Void, any Error>
            do { result = .success(try await body()) } catch { result = .failure(error) }
            registry.drain()
            let ending = try await group.next() ?? nil
            try result.get()
            return ending
        }
    }

    /// Waits until `condition` holds. Fails the check if that takes longer than `duration`.
    func wait(
        atMost duration: Duration, for what: String, file: String = #fileID, line: Int = #line,
        _ condition: @Sendable () -> Bool
    ) async throws {
        let end = bench.time.now + duration
        while !condition() {
            try Task.checkCancellation()
            try expect(bench.time.now < end, "\(what): not within \(duration)", file: file, line: line)
            await bench.time.pass(bench.visibility / 100)
        }
    }
}

/// The provider under test, lent to a registry: closing it leaves the provider open for the next registry.
final class LentProvider: BrokerProvider {
    static let name = "under-test"

    struct Factory: BrokerProviderFactory {
        let provider: any BrokerProvider

        init(_ provider: any BrokerProvider) { self.provider = provider }

        var name: String { LentProvider.name }
        var capabilities: BrokerCapabilities { provider.capabilities }

        func makeProvider(
            _ context: ProviderContext, options: inout ConfigurationReader
        ) -> (any BrokerProvider)? {
            LentProvider(provider)
        }
    }

    private let base: any BrokerProvider
    private let closing = CallGate()

    init(_ base: any BrokerProvider) { self.base = base }

    var capabilities: BrokerCapabilities { base.capabilities }

    func publish(_ batch: PublishBatch) async -> [Result<PublishReceipt, BrokerError>] { await base.publish(batch) }

    func subscribe(_ request: SubscriptionRequest) async throws(BrokerError) -> any BrokerSubscription {
        try await base.subscribe(request)
    }

    func maintain(_ request: MaintenanceRequest) async throws(BrokerError) -> MaintenanceReport {
        try await base.maintain(request)
    }

    func run() async throws {
        await withTaskCancellationHandler {
            await closing.wait()
        } onCancel: {
            closing.open()
        }
    }

    func close() async { closing.open() }
}
