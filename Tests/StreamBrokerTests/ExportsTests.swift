// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

/// What `import StreamBroker` brings: every public type of the modules below it is either for applications, and exported,
/// or for the authors of providers and tests, and listed here.
@Suite struct ExportsTests {
    /// What a provider is written with, how time is told, and what the engine takes from its surroundings.
    private static let forProviders: Set<String> = [
        "AddressReporting", "BrokerClock", "BrokerNameType", "BrokerProvider", "BrokerProviderFactory",
        "BrokerSubscription", "ConfigurationReader", "ConsumerLimiting", "ConsumerReporting", "ConsumerSettings",
        "DeadLetterRoute", "EngineRuntime", "EngineThread", "EntryMoving", "ForwardLimiting", "HandlerReporting",
        "HealthReporting",
        "HistoryReading", "Instant", "MaintenanceRequest", "MemoryProvider", "MemoryProviderFactory",
        "NewGroupReporting",
        "PendingRecord",
        "ProviderContext", "ProviderHealth", "PublishBatch", "PublishEnding", "Purging", "ReceiveRequest", "Received",
        "Replaying", "ScheduledWake", "Secret", "Settlement", "SettlementOutcome", "StatisticsReporting",
        "StreamDeleting", "StreamPlacing", "SubscriptionRequest", "WakeSignal",
    ]

    @Test func everyPublicTypeIsExportedOrForProviders() throws {
        let exports = try Self.text("Sources/StreamBroker/Exports.swift")
        let exported = Set(exports.matches(of: #/@_exported public import \w+ Broker\w+\.(\w+)/#).map { String($0.1) })
        var declared: Set<String> = []
        for module in ["BrokerCore", "BrokerEngine", "BrokerMemory"] { declared.formUnion(try Self.types(of: module)) }
        #expect(declared.subtracting(exported) == Self.forProviders)
        #expect(exported.subtracting(declared) == [])
    }

    /// The public types of a module that stand in no other type.
    private static func types(of module: String) throws -> [String] {
        let folder = root.appending(path: "Sources/\(module)")
        let files = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil)?.allObjects ?? []
        return try files.compactMap { $0 as? URL }.filter { $0.pathExtension == "swift" }.flatMap { file in
            let pattern = #/(?m)^public (?:final |indirect )?(?:struct|class|enum|protocol|typealias|actor|func) (\w+)/#
            return try String(contentsOf: file, encoding: .utf8).matches(of: pattern).map { String($0.1) }
        }
    }

    private static var root: URL {
        URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    }

    private static func text(_ path: String) throws -> String {
        try String(contentsOf: root.appending(path: path), encoding: .utf8)
    }
}
