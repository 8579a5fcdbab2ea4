// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import BrokerCommand
import BrokerCore
import BrokerOperations
import Testing

/// The pure parts of the command line.
@Suite struct FrameTests {
    private func options(_ arguments: String...) throws -> GlobalOptions {
        try GlobalOptions.parse(arguments)
    }

    @Test func anOptionGoesBeforeAVariableAndAnAddressBeforeAFile() throws {
        let both = ["STREAMBROKER_URL": "redis://a", "STREAMBROKER_FILE": "b.yaml"]
        #expect(ServerChoice(try options(), variables: [:]) == .file("brokers.yaml", environment: nil))
        #expect(ServerChoice(try options(), variables: both) == .url("redis://a"))
        #expect(ServerChoice(try options("-f", "c.yaml"), variables: both) == .file("c.yaml", environment: nil))
        #expect(
            ServerChoice(try options("-e", "test"), variables: both) == .file("b.yaml", environment: "test"))
        #expect(ServerChoice(try options("--url", "redis://d"), variables: both) == .url("redis://d"))
        #expect(
            ServerChoice(try options(), variables: ["STREAMBROKER_URL": ""]) == .file("brokers.yaml", environment: nil))
    }

    @Test(arguments: [
        ("redis://:secret@host", true), ("rediss://user:secret@host:1/0", true), ("redis://user@host", false),
        ("redis://user:@host", false), ("redis://host:6379/1", false), ("unix:///a:b@c", false), ("host", false),
    ])
    func aPasswordInAnAddressIsSeen(_ url: String, _ hasPassword: Bool) {
        #expect(ServerChoice.hasPassword(url) == hasPassword)
    }

    @Test func aTableIsAsWideAsItsContentAndNumbersStandToTheRight() {
        let table = Table(
            ["STREAM", "LAG", "OLDEST"],
            [
                [.text("orders"), .number(1200), .milliseconds(90_000)],
                [.text("a\tb"), .number(nil), .milliseconds(nil)],
            ])
        #expect(
            table.columns == """
                STREAM    LAG  OLDEST
                orders   1200    90 s
                a\\u{9}b     -       -
                """)
        #expect(table.lines == "stream\tlag\toldest\norders\t1200\t90000\na\\u{9}b\t-\t-")
    }

    @Test func theFormFollowsTheTerminal() throws {
        func form(_ isTerminal: Bool, _ arguments: String...) throws -> ReportOutput.Form {
            ReportOutput(try GlobalOptions.parse(arguments), isTerminal: isTerminal, variables: [:]).form
        }
        #expect(try form(true) == .columns)
        #expect(try form(false) == .lines)
        #expect(try form(true, "--plain") == .lines)
        #expect(try form(true, "--json") == .json)
        #expect(throws: (any Error).self) { try form(true, "--json", "--plain") }
        func isColored(_ variables: [String: String], _ arguments: String...) throws -> Bool {
            ReportOutput(try GlobalOptions.parse(arguments), isTerminal: true, variables: variables).isColored
        }
        #expect(try isColored([:]))
        #expect(try !isColored(["NO_COLOR": "1"]))
        #expect(try !isColored(["TERM": "dumb"]))
        #expect(try !isColored([:], "--no-color"))
    }

    @Test func jsonEscapesWhatMovesOtherText() throws {
        #expect(try ReportOutput.json(["a": "\u{9B}2J\u{202E}é"]) == "{\"a\":\"\\u009b2J\\u202eé\"}")
    }

    @Test func aSevereChangeWantsTheNameAndNobodyIsAskedOffATerminal() throws {
        let step = Plan.Step("remove", "orders", entries: 3)
        func plan(_ severity: Plan.Severity) -> Plan {
            Plan("remove 3 entries of 'orders'", steps: [step], severity: severity, name: "orders")
        }
        func decide(_ plan: Plan, _ takesAnswers: Bool, _ arguments: String...) throws -> PlanDecision {
            PlanDecision(plan, try GlobalOptions.parse(arguments), takesAnswers: takesAnswers)
        }
        #expect(try decide(plan(.severe), true) == .ask(answer: "orders"))
        #expect(try decide(plan(.moderate), true) == .ask(answer: "y"))
        #expect(try decide(plan(.mild), false) == .carryOut)
        #expect(try decide(plan(.moderate), false) == .refuse)
        #expect(try decide(plan(.moderate), true, "--no-input") == .refuse)
        #expect(try decide(plan(.severe), false, "--yes") == .carryOut)
        #expect(try decide(plan(.severe), true, "--yes", "--dry-run") == .showOnly)
        #expect(try decide(Plan("do", steps: [], severity: .severe, name: "x"), false) == .nothingToDo)
    }

    @Test func errorsEndWithTheCodesOfTheSystem() {
        func code(_ code: BrokerError.Code, isRetryable: Bool = false) -> Int32 {
            ExitCodes.code(of: BrokerError(code, "it failed", isRetryable: isRetryable))
        }
        #expect(code(.undeclaredStream) == 64)
        #expect(code(.payloadTooLarge) == 65)
        #expect(code(.connection) == 69)
        #expect(code(.timeout) == 75)
        #expect(code(.server, isRetryable: true) == 75)
        #expect(code(.unauthorized) == 77)
        #expect(code(.cancelled) == 130)
        #expect(code(.unsupported) == 1)
    }

    @Test(arguments: [("orders", "orders"), ("{a}:dead", "'{a}:dead'"), ("it's", "'it'\\''s'"), ("", "''")])
    func anArgumentIsQuotedForAShell(_ argument: String, _ quoted: String) {
        #expect(ShellText.quoted(argument) == quoted)
    }
}
