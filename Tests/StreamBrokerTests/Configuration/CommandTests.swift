// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import Foundation
import StreamBroker
import Testing

#if os(Linux)
    import Glibc

    /// The command line as a process: what it prints where, and how it ends.
    @Suite struct CommandTests {
        /// The command, which is built beside the tests.
        private static let command: String = {
            let own = CommandLine.arguments[0]
            return own.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
                + "/streambroker"
        }()

        /// What a shell line prints to standard output, the exit code last.
        private func run(_ line: String) throws -> String {
            let shell = "export LC_ALL=C; unset STREAMBROKER_ENV; sb='\(Self.command)'; \(line)"
            let pipe = try #require(popen(shell, "r"))
            var output: [UInt8] = []
            while case let byte = fgetc(pipe), byte != EOF { output.append(UInt8(truncatingIfNeeded: byte)) }
            pclose(pipe)
            return String(decoding: output, as: UTF8.self)
        }

        @Test func aGoodFileEndsWithZeroAndABadOneWithSeventyEight() throws {
            let good = try ConfigurationFixture(Array("version: 1\nbrokers: { a: { provider: memory } }\n".utf8))
            #expect(
                try run("$sb config check \(good.path); echo $?")
                    == "\(good.path): can be used (brokers: 1, streams: 0)\n0\n")
            #expect(
                try run("$sb config check - < \(good.path)") == "<stdin>: can be used (brokers: 1, streams: 0)\n")
            #expect(
                try run("printf 'version: 2' | $sb config check - 2>&1 >/dev/null; echo $?") == """
                    <stdin>:1:1: error: 'brokers' is missing at the top
                        version: 2
                        ^
                    <stdin>:1:10: error: 'version' at the top takes 1; found '2'
                        version: 2
                                 ^
                    78

                    """)
            #expect(try run("printf 'version: 2' | $sb config check - 2>/dev/null; echo $?") == "78\n")
        }

        @Test func whatCannotBeReadEndsWithSixtySix() throws {
            #expect(
                try run("$sb config check /no/such/file 2>&1; echo $?")
                    == "error: cannot read '/no/such/file': there is no such file\n66\n")
            #expect(try run("$sb config show /dev/zero --resolved 2>/dev/null; echo $?") == "66\n")
        }

        @Test(arguments: ["--bogus", "config check --env", "config check --env a --all", "config show", "config chek"])
        func wrongUsageEndsWithSixtyFour(_ arguments: String) throws {
            #expect(try run("$sb \(arguments) >/dev/null 2>&1; echo $?") == "64\n")
        }

        @Test(arguments: [
            ("config chek", "'streambroker config' has no command 'chek'; did you mean 'check'?"),
            ("cofnig check", "'streambroker' has no command 'cofnig'; did you mean 'config'?"),
            ("config verify", "'streambroker config' has no command 'verify'; its commands are check, show"),
        ])
        func aMisspeltCommandIsToldWhatMayBeMeant(_ arguments: String, _ complaint: String) throws {
            #expect(
                try run("$sb \(arguments) 2>&1; echo $?") == """
                    Error: \(complaint)
                    Usage: streambroker <subcommand>
                      See 'streambroker --help' for more information.
                    64

                    """)
        }

        @Test func aFileThatIsElsewhereIsLookedForNearby() throws {
            let folder = NSTemporaryDirectory() + "streambroker-" + UUID().uuidString
            defer { try? FileManager.default.removeItem(atPath: folder) }
            _ = try run("mkdir -p \(folder)/shop/Sources; echo 'version: 1' > \(folder)/shop/brokers.yaml")
            func complaint(in place: String, _ file: String) throws -> String {
                try run("cd \(folder)/\(place); $sb config check \(file) 2>&1; echo $?").replacing(
                    folder, with: "/home/me")
            }
            let missing = "there is no such file in '/home/me"
            #expect(
                try complaint(in: "shop/Sources", "brokers.yaml")
                    == "error: cannot read 'brokers.yaml': \(missing)/shop/Sources', the working directory; "
                    + "there is one in '/home/me/shop': start the program there, or name the file with its directory\n66\n"
            )
            #expect(
                try complaint(in: "shop", "brokers.yml")
                    == "error: cannot read 'brokers.yml': \(missing)/shop', the working directory; "
                    + "did you mean 'brokers.yaml'?\n66\n")
            #expect(
                try complaint(in: "shop/Sources", "../broker.yaml")
                    == "error: cannot read '../broker.yaml': \(missing)/shop/Sources', the working directory; "
                    + "did you mean '../brokers.yaml'?\n66\n")
            #expect(
                try complaint(in: ".", "brokers.yaml")
                    == "error: cannot read 'brokers.yaml': \(missing)', the working directory; "
                    + "start the program where the file is, or name the file with its directory\n66\n")
        }

        @Test func aMisspeltEnvironmentIsToldWhatMayBeMeant() throws {
            #expect(
                try run("$sb config check --env prodution '\(Repository.path("brokers.yaml"))' 2>&1; echo $?")
                    .replacing(Repository.path("brokers.yaml"), with: "brokers.yaml") == """
                        brokers.yaml:109:1: error: unknown environment 'prodution', asked for; did you mean 'production'?
                            environments:
                            ^^^^^^^^^^^^
                        78

                        """)
        }

        @Test func helpAndVersionNeedNoFile() throws {
            #expect(try run("cd /; $sb --help >/dev/null; echo $?; $sb --version; echo $?") == "0\n0.1.0\n0\n")
        }

        @Test func aReaderThatLeavesIsNoError() throws {
            let good = try ConfigurationFixture(Array("version: 1\nbrokers: { a: { provider: memory } }\n".utf8))
            #expect(try run("$sb config show --resolved \(good.path) 2>&1 | true; echo done") == "done\n")
        }

        @Test(arguments: [
            "config check FILE", "config check FILE --json", "config check FILE --all", "config show FILE --resolved",
            "config show FILE --resolved --json", "config check /no/such/file --json", "--version", "--help",
            "config check --help",
        ])
        func dataThatIsNotTakenEndsWithSeventyFour(_ arguments: String) throws {
            let good = try ConfigurationFixture(Array("version: 1\nbrokers: { a: { provider: memory } }\n".utf8))
            let command = arguments.replacing("FILE", with: good.path)
            #expect(
                try run("$sb \(command) 2>&1 >/dev/full; echo $?")
                    == "error: cannot write to standard output: there is no space left\n74\n")
            #expect(
                try run("$sb \(command) 2>&1 >&-; echo $?")
                    == "error: cannot write to standard output: it is closed\n74\n")
        }

        @Test func whatHasNotBeenCheckedIsSaid() throws {
            let file = try ConfigurationFixture(
                Array("version: 1\nbrokers: { a: { provider: memory } }\nenvironments: { dev: {}, live: {} }".utf8))
            let usable = "\(file.path): can be used (brokers: 1, streams: 0"
            #expect(
                try run("$sb config check \(file.path)")
                    == "\(usable)) without an environment; --all also checks dev, live\n")
            #expect(try run("$sb config check --env dev \(file.path)") == "\(usable), in dev)\n")
            #expect(try run("$sb config check --all \(file.path)") == "\(usable), in dev, live)\n")
        }

        @Test func theEnvironmentIsChosenByTheVariable() throws {
            let file = try ConfigurationFixture(
                Array("version: 1\nbrokers: { a: { provider: memory } }\nenvironments: { dev: { drain: 5s } }".utf8))
            #expect(
                try run("STREAMBROKER_ENV=dev $sb config show --resolved --json \(file.path)").contains(
                    "\"value\":\"5s\",\"source\":{\"kind\":\"file\",\"file\":\"\(file.path)\",\"line\":3,\"column\":31,"
                        + "\"environment\":\"dev\",\"variables\":[]}"))
        }
    }
#endif
