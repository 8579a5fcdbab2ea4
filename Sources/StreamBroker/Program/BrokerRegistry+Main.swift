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
    /// Is a whole program: loads the file, records handlers, consumes until a signal, and ends the process.
    ///
    /// The exit code is 0 after a drain in time, 78 when the configuration or the handlers are wrong (every problem on
    /// standard error, nothing else), 66 when the file cannot be read, and 1 for anything else. The first SIGTERM or
    /// SIGINT drains; a second one ends the process at once, with 128 and the signal's number. From the first signal
    /// on everything has the configuration's `drain` to end, `register` and `whenDone` too; then the process ends
    /// with 1. SIGPIPE is ignored, so that a pipe whose reader has gone is an error of `write` and nothing more.
    ///
    /// - Parameters:
    ///   - path: The file; `-` is standard input.
    ///   - environment: The environment whose overlay applies; by default what `STREAMBROKER_ENV` says, else none.
    ///   - providers: The kinds of providers that the file may name.
    ///   - codec: Turns values into bodies and back.
    ///   - middleware: Surrounds handling and publishing, the first one nearest to the broker.
    ///   - observers: Are told of everything that happens.
    ///   - logger: Where to log.
    ///   - register: Records handlers; may publish too. It is cancelled when a signal comes meanwhile. What else it
    ///     throws ends the process with 1.
    ///   - whenDone: Is called after a drain in time; returns the exit code. The providers are closed by then.
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
            try await prepare(registry, terminator, register)
            try await registry.run()
            exit(await whenDone(registry))
        } catch {
            StandardOutput.printError(text(of: error))
            exit((error as? ConfigurationError)?.exitCode ?? 1)
        }
    }

    /// Runs `register`, and cancels it when a signal comes: nothing that it prepares would be used any more.
    private static func prepare(
        _ registry: BrokerRegistry, _ terminator: Terminator,
        _ register: @escaping @Sendable (BrokerRegistry) async throws -> Void
    ) async throws {
        do {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await register(registry) }
                group.addTask { await terminator.firstSignal.waitUnlessCancelled() }
                try await group.next()
                group.cancelAll()
                try await group.waitForAll()
            }
        } catch is CancellationError where terminator.isTold {
            return
        }
    }

    /// What is said of an error: our own know what may be shown, of others only the type is safe.
    private static func text(of error: any Error) -> String {
        switch error {
        case let error as ConfigurationError: error.description
        case let error as BrokerError: "error: \(error)"
        default: "error: the program ended by an error of type \(type(of: error))"
        }
    }
}
