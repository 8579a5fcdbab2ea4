// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerEngine
import Testing

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

extension ProgramTests {
    /// What a program does when it is told to end, seen from outside.
    @Suite struct SignalTests {
        /// The program adds a quarter of a second to the drain; the rest is for a machine that does other work too.
        static let lateness = Duration.milliseconds(1500)

        @Test(arguments: [SIGTERM, SIGINT])
        func drainsWhileMessagesAreInFlightAndHandsBackTheRest(signal: Int32) async throws {
            let program = try ProgramFixture(.brief, drain: "20s", concurrency: 4)
            try await program.child.line("begin", times: 4)
            program.child.send(signal)
            #expect(try await program.child.exit().code == 0)
            let counts = try #require(program.counts)
            let begun = program.numbers(of: "begin")
            #expect(counts["ack"] == begun.count)
            #expect(counts["release"] == 20 - begun.count)
            #expect(begun.sorted() == program.numbers(of: "end").sorted())
            #expect(program.linesAfter("draining").filter { $0.hasPrefix("begin") } == [])
            #expect(program.child.complaints == [])
        }

        @Test func slowHandlersFinishWithinTheDrain() async throws {
            let program = try ProgramFixture(.slow, drain: "20s", concurrency: 2)
            try await program.child.line("begin", times: 2)
            program.child.send(SIGTERM)
            #expect(try await program.child.exit().code == 0)
            #expect(program.linesAfter("draining").filter { $0.hasPrefix("end") }.count == 2)
            #expect(program.counts?["ack"] == 2)
        }

        @Test func handlersAreCancelledFiveSecondsBeforeTheEndAndTheirMessagesReleased() async throws {
            let program = try ProgramFixture(.patient, drain: "6s", concurrency: 2)
            try await program.child.line("begin", times: 2)
            let told = EngineThread.shared.now
            program.child.send(SIGTERM)
            let exit = try await program.child.exit()
            #expect(exit.code == 0)
            #expect(exit.instant - told > .milliseconds(900))
            #expect(exit.instant - told < .seconds(1) + Self.lateness)
            #expect(program.counts?["release"] == 20)
            #expect(program.numbers(of: "end") == [])
        }

        @Test(arguments: [Behaviour.deaf, .spin])
        func handlersThatIgnoreCancellationCostOneAndKeepTheirLeases(behaviour: Behaviour) async throws {
            let program = try ProgramFixture(behaviour, drain: "1s", concurrency: 64)
            try await program.child.line("begin", times: 1)
            let told = EngineThread.shared.now
            program.child.send(SIGTERM)
            let exit = try await program.child.exit()
            #expect(exit.code == 1)
            #expect(!exit.wasKilled)
            #expect(exit.instant - told > .milliseconds(900))
            #expect(exit.instant - told < .seconds(1) + Self.lateness)
            let begun = program.numbers(of: "begin").count
            #expect(begun >= 1)
            #expect(program.settledCount <= 20 - begun)
            #expect(!program.child.lines.contains("settled ack"))
            #expect(
                program.child.complaints
                    == ["error: the drain took longer than allowed; what was held keeps its lease"])
        }

        @Test(arguments: [Behaviour.patient, .spin], [SIGTERM, SIGINT])
        func aSecondSignalEndsItAtOnce(behaviour: Behaviour, second: Int32) async throws {
            let program = try ProgramFixture(behaviour, drain: "10m", concurrency: 64)
            try await program.child.line("begin", times: 1)
            program.child.send(second == SIGTERM ? SIGINT : SIGTERM)
            try await program.child.line("draining")
            let told = EngineThread.shared.now
            program.child.send(second)
            let exit = try await program.child.exit()
            #expect(exit.code == 128 + second)
            #expect(exit.instant - told < Self.lateness)
            #expect(program.child.complaints == [])
        }

        /// `timeout` signals a process and then its whole group: the process is told twice within microseconds.
        @Test func theEchoOfASignalIsNoSecondOne() async throws {
            let program = try ProgramFixture(.slow, drain: "20s", concurrency: 2)
            try await program.child.line("begin", times: 2)
            program.child.send(SIGTERM)
            try await program.child.line("draining")
            program.child.send(SIGTERM)
            #expect(try await program.child.exit().code == 0)
            #expect(program.counts?["ack"] == 2)
        }

        @Test func theSameSignalTwiceEndsItAtOnceToo() async throws {
            let program = try ProgramFixture(.patient, drain: "10m", concurrency: 1)
            try await program.child.line("begin")
            program.child.send(SIGTERM)
            try await program.child.line("draining")
            // Longer than what counts as an echo.
            await EngineThread.shared.sleep(until: EngineThread.shared.now + .milliseconds(100))
            program.child.send(SIGTERM)
            #expect(try await program.child.exit().code == 128 + SIGTERM)
        }

        @Test func aSignalWhileRegisteringCancelsIt() async throws {
            let program = try ProgramFixture(.registering, drain: "10m")
            try await program.child.line("registering")
            program.child.send(SIGTERM)
            #expect(try await program.child.exit().code == 0)
            #expect(program.child.lines.suffix(2).first == "draining")
            #expect(program.counts?["ack"] == 0)
            #expect(program.child.complaints == [])
        }

        @Test func registeringThatIgnoresItsCancellationIsBoundedByTheDrain() async throws {
            let program = try ProgramFixture(.stubborn, drain: "1s")
            try await program.child.line("registering")
            let told = EngineThread.shared.now
            program.child.send(SIGTERM)
            let exit = try await program.child.exit()
            #expect(exit.code == 1)
            #expect(exit.instant - told < .seconds(1) + Self.lateness)
        }

        @Test func anObserverThatBlocksKeepsNobodyFromTheEnd() async throws {
            let program = try ProgramFixture(.unheard, drain: "10m")
            try await program.child.line("ready")
            let told = EngineThread.shared.now
            program.child.send(SIGTERM)
            let exit = try await program.child.exit()
            #expect(exit.code == 0)
            #expect(exit.instant - told < Self.lateness)
        }

        @Test func aBrokenPipeIsNoSignalToDieOf() async throws {
            let program = try ProgramFixture(.idle, drain: "10m")
            try await program.child.line("ready")
            program.child.send(SIGPIPE)
            program.child.send(SIGTERM)
            #expect(try await program.child.exit().code == 0)
        }
    }
}
