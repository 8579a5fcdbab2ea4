// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import StreamBroker

/// A program whose behaviour its first argument chooses; the tests run it, signal it and read what it prints.
///
/// Its second argument is the configuration. It prints a line for everything that a test may wait for: `ready`,
/// `begin N`, `end N`, `settled KIND`, `draining`, and in the end `ledger` with a count of each kind.
@main struct ProgramUnderTest {
    static func main() async {
        let arguments = CommandLine.arguments
        guard arguments.count == 3, let behaviour = Behaviour(rawValue: arguments[1]) else {
            Speech.say("usage: ProgramUnderTest BEHAVIOUR FILE")
            return
        }
        let ledger = Ledger()
        await BrokerRegistry.main(
            arguments[2], providers: BrokerRegistry.builtInProviders + [FailingProviderFactory()],
            observers: behaviour == .unheard ? [ledger, BlockedObserver()] : [ledger],
            logger: SpokenLog.logger ?? behaviour.logger,
            register: { try await behaviour.register(on: $0) },
            whenDone: { _ in
                Speech.say(ledger.text)
                return 0
            })
    }
}
