// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import ServiceLifecycle
import StreamBroker
import UnixSignals

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// A program in which the registry is a service of a group: SIGTERM asks it to end, and nothing ends it when it does not.
enum ServiceProgram {
    /// Ends with 0 after a drain in time, and with 1 when the registry ended otherwise.
    static func main(
        _ path: String, _ ledger: Ledger, _ logger: Logger, register: (BrokerRegistry) -> Void
    ) async -> Never {
        signal(SIGPIPE, SIG_IGN)
        do {
            let registry = try BrokerRegistry.load(path, observers: [LedgerObserver(ledger: ledger)], logger: logger)
            register(registry)
            try await ServiceGroup(services: [registry], gracefulShutdownSignals: [.sigterm], logger: logger).run()
            ledger.note("stop")
            exit(0)
        } catch {
            ledger.note("log", "error", "\(error)")
            exit(1)
        }
    }
}
