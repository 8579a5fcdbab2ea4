// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// An answer that a connection owes until the test gives it: the answer to a read that blocks.
package final class HeldAnswer: Sendable {
    private enum State {
        case idle
        case given(ScriptedServer.Answer)
        case owed(@Sendable (ScriptedServer.Answer) -> Void)
    }

    private let state = Mutex(State.idle)

    package init() {}

    /// Lets the connection answer, now or as soon as it is asked.
    package func give(_ answer: ScriptedServer.Answer) {
        let send = state.withLock { state -> (@Sendable (ScriptedServer.Answer) -> Void)? in
            if case .owed(let send) = state { return send }
            state = .given(answer)
            return nil
        }
        send?(answer)
    }

    func owe(_ send: @escaping @Sendable (ScriptedServer.Answer) -> Void) {
        let answer = state.withLock { state -> ScriptedServer.Answer? in
            if case .given(let answer) = state { return answer }
            state = .owed(send)
            return nil
        }
        if let answer { send(answer) }
    }
}
