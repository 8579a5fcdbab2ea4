// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import ExampleSupport
import StreamBroker

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// Letters are sorted and delivered, and two middleware go with them: one gives each letter a trace id, one encrypts
/// bodies.
///
/// The sorting asks a scale for the postage and forwards the letter, so that every way to publish is used: publish,
/// request, reply and forward. All of them have the letter's trace, in their handlers and in their log lines, and
/// nothing that is stored can be read without the key.
@main struct SealedLettersApp {
    static func main() async {
        guard let count = letterCount(CommandLine.arguments.dropFirst()) else {
            Terminal.printError("usage: SealedLetters [NUMBER OF LETTERS]    from 0 to 1000, by default 20")
            exit(EX_USAGE)
        }
        guard let sealing = SealingMiddleware.fromEnvironment() else {
            Terminal.printError("error: expected 64 hexadecimal digits in LETTERS_KEY; correct or unset it")
            exit(EX_USAGE)
        }
        let finished = FinishLine()
        let book = PostBook { finished.cross() }
        await BrokerRegistry.main(
            besideSource("brokers.yaml"), middleware: [sealing, TraceMiddleware()],
            register: { registry in
                finished.ends(registry)
                register(on: registry, book)
                book.expect(count)
                for number in 0..<count { try await registry.publish(Letter.make(number: number + 1), to: "letters") }
            },
            whenDone: { registry in report(book.current, registry) })
    }

    /// How many letters are asked for; `nil` when that cannot be understood.
    static func letterCount(_ arguments: ArraySlice<String>) -> Int? {
        guard let first = arguments.first else { return 20 }
        guard arguments.count == 1, let count = Int(first), (0...1000).contains(count) else { return nil }
        return count
    }

    static func register(on registry: BrokerRegistry, _ book: PostBook) {
        registry.handle("postage", group: "scale", as: Weight.self) { weight, delivery in
            book.note(weight.letter, trace: TraceMiddleware.current)
            try await delivery.reply(Postage(cents: 85 + weight.grams / 20 * 15))
        }
        registry.connect("letters", group: "sorting", to: "routes", as: Letter.self) { letter, delivery in
            book.note(letter.number, trace: TraceMiddleware.current)
            let weight = Weight(letter: letter.number, grams: letter.grams)
            var stamped = letter
            stamped.cents = try await registry.request(weight, to: "postage", as: Postage.self).cents
            return stamped
        }
        registry.handle("routes", group: "postman", as: Letter.self) { letter, delivery in
            book.note(letter.number, trace: delivery.message.headers[TraceMiddleware.header])
            delivery.logger.info("A letter is delivered")
            book.deliver(letter)
        }
    }

    static func report(_ counts: PostBook.Counts, _ registry: BrokerRegistry) -> Int32 {
        let provider = (try? registry.broker(of: "letters").provider) ?? "unknown"
        guard counts.isComplete else {
            Terminal.printError(
                "interrupted: \(counts.delivered) of \(counts.published) delivered, the rest was handed back")
            return 0
        }
        Terminal.print(
            "{\"published\":\(counts.published),\"delivered\":\(counts.delivered),\"traced\":\(counts.traced),"
                + "\"lost\":\(counts.published - counts.delivered),\"provider\":\"\(provider)\"}")
        return counts.traced == counts.published ? 0 : 1
    }
}
