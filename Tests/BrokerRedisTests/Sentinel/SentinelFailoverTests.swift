// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import RedisTestSupport
import Testing

/// A program whose URL names Sentinels lives through failovers of real servers.
@Suite("Failovers by Sentinels", .serialized, .inRealTime, .timeLimit(.minutes(15))) struct SentinelFailoverTests {
    @Test(arguments: FailoverRun.Kind.allCases) func goesOnAtTheNewPrimary(_ kind: FailoverRun.Kind) async throws {
        var all: [FailoverRun.Costs] = []
        for _ in 0..<FailoverRun.repetitions {
            let costs = try await SentinelSet.with { set in
                try await FailoverProgram.with(set.url) { program in
                    try await FailoverRun(set: set, program: program).run(kind)
                }
            }
            #expect(costs.lost == 0)
            #expect(costs.failed <= 2 * FailoverProgram.lanes, "no more than what was under way")
            // The primary that is cut off takes no writes of ours once a Sentinel has announced another one.
            if let exposed = costs.exposed { #expect(exposed <= 300) }
            all.append(costs)
        }
        print("\(kind.rawValue): \(summary(of: all))")
        #expect(all.map(\.published).max() ?? 0 < 5000)
        #expect(all.map(\.handled).max() ?? 0 < 5000)
    }

    /// The only replica takes over, and the former primary, which took writes to the last, follows it in the end.
    @Test(arguments: [FailoverRun.Kind.planned, .killed])
    func noConfirmedMessageIsForgottenWhenPublishesWaitForAReplica(_ kind: FailoverRun.Kind) async throws {
        var settings = SentinelSet.Settings()
        settings.replicas = 1
        var all: [FailoverRun.Costs] = []
        for _ in 0..<FailoverRun.repetitions {
            let costs = try await SentinelSet.with(settings) { set in
                try await FailoverProgram.with(set.url, durability: DurabilityPolicy(replicas: 1)) { program in
                    try await FailoverRun(set: set, program: program, isReplicated: true).run(kind)
                }
            }
            #expect((costs.forgotten, costs.lost) == (0, 0))
            all.append(costs)
        }
        print("\(kind.rawValue), publishes wait for a replica: \(summary(of: all))")
        #expect(all.map(\.messages).min() ?? 0 > 0)
    }

    private func summary(of costs: [FailoverRun.Costs]) -> String {
        func quantile(_ part: Double, _ value: (FailoverRun.Costs) -> Int) -> Int {
            let sorted = costs.map(value).sorted()
            return sorted.isEmpty ? 0 : sorted[min(sorted.count - 1, Int(Double(sorted.count) * part))]
        }
        func sum(_ value: (FailoverRun.Costs) -> Int) -> Int { costs.reduce(0) { $0 + value($1) } }
        let exposed = costs.compactMap(\.exposed).max().map { "\($0) ms" } ?? "none"
        return "\(costs.count) runs; after the replica is writable, p50/p95: "
            + "published \(quantile(0.5, \.published))/\(quantile(0.95, \.published)) ms, "
            + "handled \(quantile(0.5, \.handled))/\(quantile(0.95, \.handled)) ms; "
            + "last write to the old one after the first announcement: \(exposed); "
            + "\(sum(\.messages)) messages, \(sum(\.forgotten)) forgotten by the servers, \(sum(\.lost)) lost, "
            + "\(sum(\.failed)) publishes failed, \(sum(\.unknown)) of these with an unknown effect, "
            + "\(sum(\.doubled)) handled twice"
    }

    /// From the first server to another one and on: whatever is announced late, the program ends where the data is.
    @Test func twoFailoversBackToBack() async throws {
        try await SentinelSet.with { set in
            let url = set.url
            try await FailoverProgram.with(url) { program in
                try await eventually("a program that works") { program.fates.values.contains { !$0.handled.isEmpty } }
                for sentinel in 0..<2 {
                    let old = try await set.primary()
                    try await eventually("a failover that is taken") { (try? await set.failover(by: sentinel)) != nil }
                    _ = try await set.waitForPrimary(otherThan: old)
                }
                let moment = FailoverProgram.Moment.now
                _ = try await program.goesOn(after: moment)
                try await program.endPublishing()
                let entries = try await set.primary().demand(["XRANGE", "work", "-", "+"]).elements
                let stored = Set(entries.compactMap { $0.elements.last?.elements.last?.string.flatMap { Int($0) } })
                try await eventually("every stored message is handled", within: .seconds(30)) {
                    let fates = program.fates
                    return stored.allSatisfy { fates[$0]?.handled.isEmpty == false }
                }
            }
        }
    }

    /// The first Sentinel is a black hole, and the user of the data has no right to ROLE.
    @Test func aBlackHoleAndAUserWithoutRole() async throws {
        var settings = SentinelSet.Settings()
        settings.user = ("app", "secret")
        try await SentinelSet.with(settings) { set in
            let rule = ["ACL", "SETUSER", "guest", "on", ">word", "~*", "&*", "+@all", "-role"]
            for server in set.servers { try await server.demand(rule) }
            let hole = try BlackHole()
            let url = set.url.replacing("app:secret@", with: "guest:word@127.0.0.1:\(hole.port),")
            try await FailoverProgram.with(url) { program in
                try await eventually("a program that works") { program.fates.values.contains { !$0.handled.isEmpty } }
                let old = try await set.primary()
                await old.kill()
                _ = try await set.waitForPrimary(otherThan: old)
                _ = try await program.goesOn(after: .now)
                #expect(program.log.lines.contains { $0.hasPrefix("Left 127.0.0.1:\(old.port): ") })
            }
        }
    }

    @Test func burnsNoCoreWhileNothingAnswers() async throws {
        try await SentinelSet.with { set in
            try await Supervisor.with(1, WorkerSettings(set.url)) { crew in
                try await crew.wait(for: "a consumer") { $0.of("subscribed").count == 1 }
                for server in set.sentinels.map(\.server) + set.servers { await server.kill() }
                try await Calm.expect(of: crew, "no Sentinel and no server") {
                    let before = crew.processorTime
                    try await Calm.pass(.seconds(10))
                    #expect(Double(crew.processorTime - before) / 10_000 < 0.05)
                }
            }
        }
    }
}
