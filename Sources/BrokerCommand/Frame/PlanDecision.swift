// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import BrokerCore
package import BrokerOperations
import StreamBroker

/// Whether a planned change is carried out: a pure decision, and the question to a person.
package enum PlanDecision: Sendable, Hashable {
    /// It is carried out.
    case carryOut
    /// Only the plan is printed.
    case showOnly
    /// There is nothing to do.
    case nothingToDo
    /// A person is asked, and types this to confirm it.
    case ask(answer: String)
    /// It is refused, since nobody can be asked.
    case refuse

    /// Decides about a plan.
    ///
    /// - Parameters:
    ///   - plan: The plan.
    ///   - options: What was asked for.
    ///   - takesAnswers: Whether a person can be asked.
    package init(_ plan: Plan, _ options: GlobalOptions, takesAnswers: Bool) {
        self =
            if options.dryRun {
                .showOnly
            } else if plan.isEmpty {
                .nothingToDo
            } else if options.yes || plan.severity == .mild {
                .carryOut
            } else if options.noInput || !takesAnswers {
                .refuse
            } else {
                .ask(answer: plan.severity == .severe ? plan.name : "y")
            }
    }
}

extension ReportOutput {
    /// Shows a plan and asks for it to be carried out, as its severity wants it.
    ///
    /// - Returns: Whether to carry it out.
    /// - Throws: With code 64 if nobody can be asked, with code 1 if the answer is no.
    func confirm(_ plan: Plan, _ options: GlobalOptions) throws -> Bool {
        switch PlanDecision(plan, options, takesAnswers: Terminal.takesAnswers) {
        case .carryOut: return true
        case .showOnly:
            try print(plan, [plan.table])
            return false
        case .nothingToDo:
            note("nothing to do: \(plan.summary.visible)")
            return false
        case .refuse:
            throw CommandFailure(
                ExitCodes.usage,
                "this would \(plan.summary.visible), and nobody can be asked: add --yes to do it, or --dry-run to see it"
            )
        case .ask(let answer):
            if try ask(plan, answer) { return true }
            throw CommandFailure(ExitCodes.failure, "nothing was changed")
        }
    }

    private func ask(_ plan: Plan, _ answer: String) throws -> Bool {
        StandardOutput.printError(plan.table.columns)
        StandardOutput.printError(
            "This will \(plan.summary.visible). \(plan.undo.map { "\($0.visible)." } ?? "Nothing undoes it.")")
        let question = answer == "y" ? "Go on? [y/N] " : "Type '\(answer.visible)' to go on: "
        let typed = Terminal.ask(question) ?? ""
        return answer == "y" ? ["y", "yes"].contains(typed.lowercased()) : typed == answer
    }
}

extension Plan {
    /// What is done, a row for each step.
    package var table: Table {
        Table(
            ["ACTION", "TARGET", "ENTRIES"],
            steps.map { [.text($0.action), .text($0.target), .number($0.entries)] })
    }
}
