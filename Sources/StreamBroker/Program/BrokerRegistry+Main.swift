// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

public import BrokerCore
public import BrokerEngine
public import Logging

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

extension BrokerRegistry {
    /// Runs a whole program: loads the file, records handlers, consumes until a signal, and ends the process.
    ///
    /// The exit code is 0 after a drain in time, 78 when the configuration or the handlers are wrong (with every problem
    /// on standard error, and nothing else), 66 when the file cannot be read, and 1 for anything else.
    ///
    /// The first SIGTERM or SIGINT drains. A second one ends the process at once, with 128 plus the signal's number.
    /// After the first signal, everything has to end within the configuration's `drain`, also `register` and `whenDone`;
    /// otherwise the process ends with 1. SIGPIPE is ignored: writing to a pipe without a reader is an error of `write`.
    ///
    /// - Parameters:
    ///   - path: The file; `-` is standard input.
    ///   - environment: The environment whose overlay applies; by default that of `STREAMBROKER_ENV`, or none.
    ///   - providers: The providers that the file may name.
    ///   - codec: Turns values into bodies and back.
    ///   - middleware: Surrounds handling and publishing, the first one nearest to the broker.
    ///   - observers: Receive every event.
    ///   - logger: Where to log.
    ///   - register: Records handlers, and may publish. A signal cancels it. Any other error that it throws ends the
    ///     process with 1, and is shown with its type and its text.
    ///   - whenDone: Returns the exit code after a drain in time. The providers are closed when it is called.
    public static func main(
        _ path: String = "brokers.yaml", environment: String? = nil,
        providers: [any BrokerProviderFactory] = builtInProviders, codec: any MessageCodec = JSONMessageCodec(),
        middleware: [any BrokerMiddleware] = [], observers: [any BrokerObserver] = [],
        logger: Logger = Logger(label: "streambroker"),
        register: @escaping @Sendable (BrokerRegistry) async throws -> Void,
        whenDone: (BrokerRegistry) async -> Int32 = { _ in 0 }
    ) async -> Never {
        StandardOutput.claimDescriptors()
        let terminator = Terminator()
        do {
            let registry = try load(
                path, environment: environment, providers: providers, codec: codec, middleware: middleware,
                observers: observers + [terminator], logger: logger)
            terminator.watch(over: registry)
            do {
                try await prepare(registry, terminator, register)
            } catch {
                fail(in: "'register' of BrokerRegistry.main threw", error)
            }
            ExitWatch.begin()
            try await registry.run()
            ExitWatch.end()
            await terminator.waitUntilTold()
            exit(await whenDone(registry))
        } catch {
            ExitWatch.end()
            fail(in: "the registry ended by", error)
        }
    }

    /// How long `register` may take to end by itself after a signal, before its publishes are ended.
    private static let patience = Duration.seconds(1)

    /// Runs `register`. A signal cancels it, since the program ends without using what it prepares. What it throws then
    /// is a consequence of the signal and no error.
    private static func prepare(
        _ registry: BrokerRegistry, _ terminator: Terminator,
        _ register: @escaping @Sendable (BrokerRegistry) async throws -> Void
    ) async throws {
        let hasEnded = WakeSignal()
        do {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    defer { hasEnded.raise() }
                    try await register(registry)
                }
                group.addTask { await terminator.firstSignal.waitUnlessCancelled() }
                try await group.next()
                group.cancelAll()
                if terminator.isTold { await endPublishes(of: registry, unless: hasEnded) }
                try await group.waitForAll()
            }
        } catch  where terminator.isTold {
            return
        }
    }

    /// A publish to a broker that is away is not cancellable, so the program would wait for its timeout.
    private static func endPublishes(of registry: BrokerRegistry, unless hasEnded: WakeSignal) async {
        let clock = EngineThread.shared
        let end = clock.now + patience
        await hasEnded.wait(until: end, on: clock)
        if clock.now >= end { await registry.endPublishing() }
    }

    /// Ends the process because of an error, and says in which step it came.
    private static func fail(in step: String, _ error: any Error) -> Never {
        let text =
            switch error {
            case let error as ConfigurationError: error.description
            case let error as BrokerError: "error: \(step): \(error)"
            default: "error: \(step) \(foreignText(of: error))"
            }
        StandardOutput.printError(text)
        exit((error as? ConfigurationError)?.exitCode ?? 1)
    }

    /// The type of somebody else's error, and the text that it was given. The text that Swift makes for other errors
    /// lists all their values, also secret ones.
    private static func foreignText(of error: any Error) -> String {
        guard let text = ErrorText.given(by: error) else {
            return "\(type(of: error)); give that type a 'description' (CustomStringConvertible) to read more here"
        }
        return "\(type(of: error)): \(text)"
    }
}
