// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import Foundation
import Testing

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

extension ProgramTests {
    /// How a program ends that cannot do its work, and what it says then.
    @Suite struct ExitCodeTests {
        @Test func handlersThatDoNotFitAreAllReportedWithTheirLines() async throws {
            let program = try ProgramFixture(.misfit)
            #expect(try await program.child.exit().code == 78)
            // A path that a terminal opens, wherever the program runs.
            let misfits = "\(#filePath)".replacing(
                "StreamBrokerTests/Program/ExitCodeTests.swift", with: "Programs/ProgramUnderTest/Misfits.swift")
            #expect(misfits.hasPrefix("/") && FileManager.default.fileExists(atPath: misfits))
            #expect(
                program.child.complaints == [
                    "\(misfits):11:1: error: the configuration declares no stream 'wrok'; "
                        + "did you mean 'work'?",
                    "\(misfits):12:1: error: stream 'work' declares no group 'wrokers'; "
                        + "did you mean 'workers'?",
                    "\(misfits):14:1: error: stream 'work' has two handlers for group 'workers'; "
                        + "a group takes one, others need a group of their own",
                ])
        }

        @Test func aWrongFileIsReportedAndNothingElse() async throws {
            let (child, file) = try run("version: 1\ndrian: 5s\nbrokers: { events: { provider: memroy } }\n")
            #expect(try await child.exit().code == 78)
            #expect(
                child.complaints == [
                    "\(file.path):2:1: error: unknown key 'drian' at the top; did you mean 'drain'?",
                    "    drian: 5s",
                    "    ^^^^^",
                    "\(file.path):3:32: error: unknown provider 'memroy'; registered: memory, redis-streams, redis-pubsub, failing; "
                        + "did you mean 'memory'?",
                    "    brokers: { events: { provider: memroy } }",
                    "                                   ^^^^^^",
                ])
            #expect(child.lines == [])
        }

        @Test func aVariableThatIsNotSetIsReported() async throws {
            let text = "version: 1\nbrokers: { events: { provider: '${NOT_SET_ANYWHERE:?name a provider}' } }\n"
            let (child, file) = try run(text)
            #expect(try await child.exit().code == 78)
            #expect(child.complaints.first?.hasPrefix("\(file.path):2:") == true)
            #expect(child.complaints.first?.contains("NOT_SET_ANYWHERE") == true)
            #expect(child.complaints.first?.contains("name a provider") == true)
        }

        @Test(arguments: [
            ("/nowhere/brokers.yaml", "error: cannot read '/nowhere/brokers.yaml': there is no such file"),
            ("/tmp", "error: cannot read '/tmp': it is a directory"),
        ])
        func whatCannotBeReadIsAnotherCode(path: String, complaint: String) async throws {
            let child = try ChildProcess("ProgramUnderTest", ["idle", path])
            #expect(try await child.exit().code == 66)
            #expect(child.complaints == [complaint])
        }

        /// The text that Swift would make of it holds a secret.
        @Test func anErrorOfRegisterWithoutATextShowsItsTypeAlone() async throws {
            let program = try ProgramFixture(.throwing)
            #expect(try await program.child.exit().code == 1)
            #expect(
                program.child.complaints == [
                    "error: 'register' of BrokerRegistry.main threw Refusal; give that type a 'description' "
                        + "(CustomStringConvertible) to read more here"
                ])
        }

        @Test(arguments: [
            (Behaviour.describing, "DescribedError: the price list is empty"),
            (.localizing, "LocalizedFailure: The price list is empty."),
        ]) func anErrorOfRegisterShowsTheTextThatItWasGiven(_ behaviour: Behaviour, _ text: String) async throws {
            let program = try ProgramFixture(behaviour)
            #expect(try await program.child.exit().code == 1)
            #expect(program.child.complaints == ["error: 'register' of BrokerRegistry.main threw \(text)"])
        }

        @Test func anErrorOfTheFrameworkInRegisterSaysTheStep() async throws {
            let program = try ProgramFixture(.misdirected)
            #expect(try await program.child.exit().code == 1)
            #expect(
                program.child.complaints == [
                    "error: 'register' of BrokerRegistry.main threw: undeclaredStream: the configuration declares no "
                        + "stream 'wrok'; did you mean 'work'?"
                ])
        }

        @Test func aHandlerThatCallsExitIsTold() async throws {
            let program = try ProgramFixture(.exiting, concurrency: 1)
            #expect(try await program.child.exit().code == 3)
            #expect(
                program.child.complaints == [
                    "error: exit() ended the program while its registry ran; nothing was drained, and the messages that it "
                        + "held come again when their leases run out; to end the program, call registry.drain()"
                ])
        }

        @Test func aProviderThatCannotRunEndsTheProgram() async throws {
            let program = try ProgramFixture(.patient, provider: "failing", drain: "5s")
            #expect(try await program.child.exit().code == 1)
            #expect(
                program.child.complaints == ["error: the registry ended by: unauthorized: the server does not know us"])
        }

        @Test func aDrainBeforeAnythingRunsEndsAtOnce() async throws {
            let program = try ProgramFixture(.drained, drain: "10m")
            #expect(try await program.child.exit().code == 0)
            #expect(program.numbers(of: "begin") == [])
        }

        @Test(arguments: ["2>&-", "0<&-", "0<&- 2>&-", "> /dev/full", "2> /dev/full"])
        func streamsThatAreClosedOrFullChangeNothing(redirections: String) async throws {
            let program = try ProgramFixture(.drained, shell: #"exec "$0" "$@" "# + redirections)
            #expect(try await program.child.exit().code == 0)
            #expect(program.child.complaints == [])
        }

        /// What is written there is lost, on a disk that is full, behind a pipe that nobody reads, and where there is
        /// nothing; the work is not.
        @Test(arguments: [
            #"exec "$0" "$@" 2>&-"#, #"exec "$0" "$@" 2>/dev/full"#, #"{ "$0" "$@" 2>&1 >&3 3>&- | :; } 3>&1"#,
        ])
        func aLogThatCannotBeWrittenChangesNothing(shell: String) async throws {
            let program = try ProgramFixture(.loud, shell: shell)
            #expect(try await program.child.exit().code == 0)
            #expect(program.counts?["ack"] == 20)
            #expect(program.numbers(of: "end").sorted() == Array(1...20))
            #expect(program.child.complaints == [])
        }

        #if os(Linux)
            /// The next file or socket would get the number, and what is said on stderr would be written there.
            @Test func aClosedStreamIsNotTakenByAnotherFile() async throws {
                let program = try ProgramFixture(.idle, shell: #"exec "$0" "$@" 2>&-"#)
                try await program.child.line("ready")
                var target = [CChar](repeating: 0, count: 64)
                let length = readlink("/proc/\(program.child.pid)/fd/2", &target, target.count)
                let name = target.prefix(max(0, length)).map { UInt8(bitPattern: $0) }
                #expect(String(decoding: name, as: UTF8.self) == "/dev/null")
                program.child.send(SIGTERM)
                #expect(try await program.child.exit().code == 0)
            }
        #endif

        @Test func aReaderThatLeavesDoesNotKillTheProgram() async throws {
            let program = try ProgramFixture(.drained, shell: #"{ "$0" "$@"; echo "code $?" >&2; } | :"#)
            #expect(try await program.child.exit().code == 0)
            #expect(program.child.complaints == ["code 0"])
        }

        @Test func complaintsGoNowhereElseWhenStderrIsClosed() async throws {
            let program = try ProgramFixture(.misfit, shell: #"exec "$0" "$@" 2>&-"#)
            #expect(try await program.child.exit().code == 78)
            #expect(program.child.lines == ["ready"])
        }

        private func run(_ text: String) throws -> (ChildProcess, ConfigurationFixture) {
            let file = try ConfigurationFixture(Array(text.utf8))
            return (try ChildProcess("ProgramUnderTest", ["idle", file.path]), file)
        }
    }
}
