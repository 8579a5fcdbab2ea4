// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import DirectoryBroker
import ExampleSupport
import StreamBroker

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// Letters are published into files and consumed by two groups, on a provider that this program brings along.
///
/// `print` finds its printer jammed once for every third letter. `archive` refuses the one that nobody can read. The
/// directory stays: a run that was killed leaves its letters there, and the next one handles them too. The program ends
/// by itself when every letter of its own is settled.
@main struct CustomProviderApp {
    static let groups: [GroupName] = ["archive", "print"]

    static func main() async {
        guard let count = letterCount(CommandLine.arguments.dropFirst()) else {
            Terminal.printError("usage: CustomProvider [NUMBER OF LETTERS]    from 0 to 100000, by default 12")
            exit(EX_USAGE)
        }
        let finished = FinishLine()
        let ledger = Ledger(groups: groups) { finished.cross() }
        await BrokerRegistry.main(
            besideSource("brokers.yaml"), providers: BrokerRegistry.builtInProviders + [DirectoryProviderFactory()],
            observers: [ledger],
            register: { registry in
                finished.ends(registry)
                register(on: registry)
                let letters = try (0..<count).map { Message(try registry.encode(Letter(number: $0 + 1))) }
                let results = await registry.publish(batch: letters, to: "letters")
                ledger.published(try results.map { try $0.get().id }, to: "letters")
            },
            whenDone: { _ in report(ledger.current) })
    }

    /// How many letters are asked for; `nil` when that cannot be understood.
    static func letterCount(_ arguments: ArraySlice<String>) -> Int? {
        guard let first = arguments.first else { return 12 }
        guard arguments.count == 1, let count = Int(first), (0...100_000).contains(count) else { return nil }
        return count
    }

    static func register(on registry: BrokerRegistry) {
        registry.handle("letters", group: "print", as: Letter.self) { letter, delivery in
            if letter.number.isMultiple(of: 3), delivery.attempt == 1 { throw LetterProblem.printerIsJammed }
        }
        registry.handle("letters", group: "archive", as: Letter.self) { letter, _ in
            if letter.number == Letter.illegibleNumber { throw Reject("illegible") }
        }
    }

    static func report(_ counts: Ledger.Counts) -> Int32 {
        let report = Report(counts: counts, provider: DirectoryProviderFactory().name)
        Terminal.printError("\n\(report.table)")
        guard counts.isComplete else {
            Terminal.printError("interrupted: the rest was handed back")
            return 0
        }
        Terminal.print(report.json)
        return counts.lost == 0 ? 0 : 1
    }
}
