// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// What the program is told: how many inquiries, and which stages run in this process.
struct Arguments: Sendable, Equatable {
    static let usage = """
        usage: ContactCenter [NUMBER OF INQUIRIES] [--stage NAME]...
            NUMBER OF INQUIRIES    from 0 to 100000, by default 60
            --stage NAME           runs this stage here, not all: intake, classifier, billing, technical, retention,
                                   escalation or feedback
        """

    private(set) var count = 60
    private(set) var stages = Set(Stage.allCases)

    /// Reads arguments; `nil` when they cannot be understood.
    init?(_ arguments: [String]) {
        var chosen: Set<Stage> = []
        var hasCount = false
        var rest = arguments[...]
        while let word = rest.popFirst() {
            if word == "--stage" {
                guard let stage = rest.popFirst().flatMap({ Stage(rawValue: $0) }) else { return nil }
                chosen.insert(stage)
            } else {
                guard !hasCount, let number = Int(word), (0...100_000).contains(number) else { return nil }
                (count, hasCount) = (number, true)
            }
        }
        if !chosen.isEmpty { stages = chosen }
    }

    /// Whether the process sees how every conversation begins and ends.
    var seesWholeConversations: Bool { stages.isSuperset(of: [.intake, .feedback]) }
}
