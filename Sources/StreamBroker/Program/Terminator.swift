// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerEngine
import Dispatch
import Synchronization

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// Ends the process on signals: the first one drains, a second one ends it at once, and a drain that takes too long ends
/// it with 1.
///
/// It runs on a Dispatch queue of its own, so that handlers that block every thread of Swift's pool cannot delay it.
final class Terminator: BrokerObserver {
    /// How many seconds after the drain the process has to close its connections.
    private static let grace = 0.25
    /// The same signal within this many nanoseconds is an echo: `timeout` and shells signal a process and then its
    /// group.
    private static let echo: UInt64 = 50_000_000

    /// Raised by the first signal.
    let firstSignal = WakeSignal()
    /// Raised when observers and the log have been told of the drain.
    private let toldSignal = WakeSignal()

    private let queue = DispatchQueue(label: "streambroker.terminator", qos: .userInteractive)
    private let first = Mutex<(number: Int32, uptime: UInt64)?>(nil)
    private let isArmed = Atomic<Bool>(false)
    private let drainSeconds = Mutex(30.0)

    /// Begins to listen to SIGTERM and SIGINT for a registry; returns when it listens.
    ///
    /// A signal that comes earlier ends the process, as it does by default: nothing has begun, and no signal is lost.
    func watch(over registry: BrokerRegistry) {
        drainSeconds.withLock { $0 = registry.configuration.drain.inSeconds }
        signal(SIGPIPE, SIG_IGN)
        for number in [SIGTERM, SIGINT] { listen(to: number, for: registry) }
    }

    private func listen(to number: Int32, for registry: BrokerRegistry) {
        // On Linux, Dispatch installs a handler of its own. If the signal were ignored, it would be lost until then,
        // which on a busy machine is later than the first message.
        #if canImport(Darwin)
            signal(number, SIG_IGN)
        #else
            signal(number, SIG_DFL)
        #endif
        let isListening = DispatchSemaphore(value: 0)
        let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
        // The handler keeps its source, for the rest of the process's life.
        source.setEventHandler { withExtendedLifetime(source) { self.received(number, registry) } }
        source.setRegistrationHandler { isListening.signal() }
        source.resume()
        isListening.wait()
    }

    /// Whether a signal has come.
    var isTold: Bool { first.withLock { $0 != nil } }

    private func received(_ number: Int32, _ registry: BrokerRegistry) {
        let now = DispatchTime.now().uptimeNanoseconds
        let earlier = first.withLock { first in
            defer { first = first ?? (number, now) }
            return first
        }
        if let earlier {
            let isEcho = earlier.number == number && now - earlier.uptime < Self.echo
            if isEcho { return }
            _exit(128 + number)
        }
        arm()
        let isNews = registry.beginDrain(hint: "; a second Ctrl-C or SIGTERM ends the program at once")
        firstSignal.raise()
        // Not on this queue: an observer that blocks would delay the timer and the second signal.
        guard isNews else { return toldSignal.raise() }
        DispatchQueue.global(qos: .userInteractive).async { [toldSignal] in
            registry.tellDraining()
            toldSignal.raise()
        }
    }

    /// Waits until a drain that a signal has begun was told of, so that a short one is told too; an observer that blocks
    /// delays it by a fifth of a second.
    func waitUntilTold() async {
        let clock = EngineThread.shared
        if isTold { await toldSignal.wait(until: clock.now + .milliseconds(200), on: clock) }
    }

    /// Starts the timer when a drain has begun, by a signal or by the program itself.
    func observe(_ event: BrokerEvent) {
        if case .draining = event { arm() }
    }

    private func arm() {
        guard !isArmed.exchange(true, ordering: .relaxed) else { return }
        let limit = drainSeconds.withLock { $0 } + Self.grace
        queue.asyncAfter(deadline: .now() + limit) {
            StandardOutput.printError("error: the drain took longer than allowed; what was held keeps its lease")
            _exit(1)
        }
    }
}
