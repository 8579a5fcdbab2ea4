// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerEngine
import BrokerTestKit

/// Who publishes and asks in a process; some are cancelled.
extension SimulatedProcess {
    func publish(_ numbers: some Collection<Int> & Sendable, cancelledAfter patience: Duration? = nil) {
        let messages = numbers.map(world.situation.message)
        world.errands.add(on: executor) {
            let results = await self.run(cancelledAfter: patience) {
                await self.registry.publish(batch: messages, to: "orders")
            }
            self.world.chronicle.note("\(self.number) published \(numbers)") { rules, _ in
                for (number, result) in zip(numbers, results) {
                    rules.published(number, result, mayBeCancelled: patience != nil)
                }
            }
        }
    }

    /// Asks what no handler answers.
    func request(_ number: Int, _ timeout: Duration, cancelledAfter patience: Duration?) {
        let message = world.situation.message(number)
        world.errands.add(on: executor) {
            let error = await self.run(cancelledAfter: patience) { () async -> BrokerError? in
                do throws(BrokerError) {
                    _ = try await self.registry.request(message, to: "orders", timeout: timeout)
                    return nil
                } catch {
                    return error
                }
            }
            guard let error else { return self.world.chronicle.blame("\(number) was answered by nobody") }
            self.world.chronicle.note("\(self.number) asked \(number): \(error.code)") { rules, _ in
                rules.published(number, .failure(error), mayBeCancelled: patience != nil)
            }
        }
    }

    /// Runs a call, and cancels it after a while.
    private func run<Answer: Sendable>(
        cancelledAfter patience: Duration?, _ call: @escaping @Sendable () async -> Answer
    ) async -> Answer {
        guard let patience else { return await call() }
        let clock = world.time.clock
        let answers = await withTaskGroup(of: Answer?.self) { group in
            group.addTask { await call() }
            group.addTask {
                await clock.sleep(until: clock.now + patience)
                return nil
            }
            var answers: [Answer] = []
            for await answer in group {
                group.cancelAll()
                if let answer { answers.append(answer) }
            }
            return answers
        }
        return answers[0]
    }
}

extension Chronicle.Rules {
    /// A publisher was told what became of its message: what is acknowledged is stored, what is denied is not, and only
    /// who was cancelled is told so.
    fileprivate mutating func published(
        _ number: Int, _ result: Result<PublishReceipt, BrokerError>, mayBeCancelled: Bool
    ) {
        switch result {
        case .success(let receipt):
            let id = receipt.id
            if !wasStored(number, as: id) { violations.append("\(number) was never stored") }
            acknowledged.insert(id)
        case .failure(let error):
            if error.code == .cancelled, !mayBeCancelled {
                violations.append("\(number) was told of a cancellation that was another's")
            }
            guard error.effect == .notApplied, stored.values.contains(number) else { return }
            violations.append("\(number) was stored, and its publisher was told that it was not")
        }
    }
}
