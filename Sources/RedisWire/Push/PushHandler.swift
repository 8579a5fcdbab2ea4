// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import DequeModule
import NIOCore
import NIOSSL

/// The end of a push connection's pipeline: introduces itself, writes requests about topics, reads what comes.
///
/// Lives on its event loop alone. The server answers requests in their order; messages come between the answers. A
/// connection on which nothing comes for a while is asked for a sign of life, and given up when there is none.
final class PushHandler: ChannelInboundHandler, ChannelOutboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// What the server owes an answer to.
    private enum Owed {
        case credentials
        case name
        case greeting
        case topic(PushRequest)
        case signOfLife
    }

    private let options: RedisOptions
    private let number: Int
    private let reader: ReplyReader
    private weak var link: PushLink?
    private var owed = Deque<Owed>()
    private var isConnected = false
    private var isIntroduced = false
    private var hasRead = true
    private var isEnded = false
    private var timer: Scheduled<Void>?

    init(_ options: RedisOptions, number: Int, reader: ReplyReader, link: PushLink) {
        self.options = options
        self.number = number
        self.reader = reader
        self.link = link
    }

    // MARK: The first words

    func channelActive(context: ChannelHandlerContext) {
        isConnected = true
        setTimer(context, after: options.connectTimeout)
        if let password = options.url.password {
            var auth = RedisCommands()
            auth.begin(options.url.username == nil ? 2 : 3, "AUTH", for: .anyNode)
            if let username = options.url.username { auth.add(username) }
            auth.add(password.value)
            // On its own: were it refused, nothing may run as the server's default user.
            send(auth, [.credentials], context)
        } else {
            greet(context)
        }
        context.fireChannelActive()
    }

    private func greet(_ context: ChannelHandlerContext) {
        var commands = RedisCommands("CLIENT", "SETNAME", options.clientName, for: .anyNode)
        commands.begin(1, "PING", for: .anyNode)
        send(commands, [.name, .greeting], context)
    }

    private func send(_ commands: RedisCommands, _ answers: [Owed], _ context: ChannelHandlerContext) {
        owed.append(contentsOf: answers)
        options.observer?(commands)
        context.writeAndFlush(wrapOutboundOut(commands.bytes), promise: nil)
    }

    // MARK: Requests

    /// A flush is how callers say that something was asked for.
    func flush(context: ChannelHandlerContext) {
        let requests = link?.takeRequests(number) ?? []
        if requests.isEmpty { return context.flush() }
        var commands = RedisCommands(capacity: requests.count * 48)
        for request in requests { request.append(to: &commands) }
        send(commands, requests.map { .topic($0) }, context)
    }

    // MARK: Reading

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        hasRead = true
        var arrivals = Arrivals()
        do throws(ReplyRefusal) {
            try unwrapInboundIn(data).withUnsafeReadableBytes { bytes throws(ReplyRefusal) in
                // Taken one by one: behind the last whole one on the tape there may be the beginning of another.
                try reader.read(bytes) { () throws(ReplyRefusal) in
                    for reply in reader.take(1) where !isEnded { take(reply, into: &arrivals, context) }
                }
            }
            deliver(arrivals, context)
        } catch {
            deliver(arrivals, context)
            end(context, RedisError(.malformedReply, "the server sent \(error.reason)", effect: .unknown))
        }
    }

    private func take(_ reply: RedisReply, into arrivals: inout Arrivals, _ context: ChannelHandlerContext) {
        switch PushFrame(reply) {
        case .event(let event): arrivals.events.append(event)
        case .reply(let reply): arrivals.answers += settle(reply, context)
        case .confirmation(let topic, let isBeginning):
            guard let topic, confirm(topic, isBeginning, context) else { return }
            arrivals.events.append(isBeginning ? .began(topic) : .ended(topic))
            if isBeginning { arrivals.answers.append(PushAnswer(topic: topic)) }
        }
    }

    /// First who takes the messages, then who waits for topics.
    private func deliver(_ arrivals: Arrivals, _ context: ChannelHandlerContext) {
        let hasRoom = arrivals.events.isEmpty || link?.deliver(arrivals.events) ?? false
        link?.settle(arrivals.answers, number)
        if hasRoom || isEnded { return }
        link?.pause(number)
        end(context, RedisError(.overloaded, "there is no room for more messages"))
    }

    private func confirm(_ topic: PushTopic, _ isBeginning: Bool, _ context: ChannelHandlerContext) -> Bool {
        switch owed.popFirst() {
        case .topic(.begin(topic)) where isBeginning, .topic(.end(topic)) where !isBeginning: return true
        default:
            end(context, RedisError(.malformedReply, "a confirmation that nobody asked for"))
            return false
        }
    }

    /// Takes the answer to whatever else was said.
    private func settle(_ reply: RedisReply, _ context: ChannelHandlerContext) -> [PushAnswer] {
        let error = reply.error.map { RedisError($0) }
        switch owed.popFirst() {
        case .credentials:
            if let error { end(context, error) } else { greet(context) }
        case .name:
            if let error, error.isFatal { end(context, error) }
        case .greeting:
            if let error, error.isFatal { end(context, error) } else { introduced(context) }
        case .topic(let request):
            guard let error else {
                end(context, RedisError(.malformedReply, "a request for a topic was not answered with its name"))
                return []
            }
            if case .begin(let topic) = request { return [PushAnswer(topic: topic, refusal: error)] }
        case .signOfLife: break
        case nil: end(context, error ?? RedisError(.malformedReply, "a reply that nobody asked for"))
        }
        return []
    }

    private func introduced(_ context: ChannelHandlerContext) {
        isIntroduced = true
        setTimer(context, after: options.commandTimeout)
        link?.opened(number, context.channel)
    }

    // MARK: Time

    private func setTimer(_ context: ChannelHandlerContext, after time: Duration) {
        timer?.cancel()
        timer = context.eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(time)) { [self] in
            watch(context)
        }
    }

    private func watch(_ context: ChannelHandlerContext) {
        guard isIntroduced, hasRead || owed.isEmpty else {
            let limit = isIntroduced ? options.commandTimeout : options.connectTimeout
            return end(context, RedisError(.timeout, "the server did not answer within \(limit)", effect: .unknown))
        }
        if !hasRead { send(RedisCommands("PING", for: .anyNode), [.signOfLife], context) }
        hasRead = false
        link?.askAgain(number)
        setTimer(context, after: options.commandTimeout)
    }

    // MARK: The end

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        end(context, RedisError(transport: error))
    }

    func channelInactive(context: ChannelHandlerContext) {
        end(context, RedisError(.connection, "the connection was lost", effect: .unknown))
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        end(context, RedisError(.connection, "the connection was lost", effect: .unknown))
    }

    private func end(_ context: ChannelHandlerContext, _ error: RedisError) {
        if isEnded { return }
        isEnded = true
        timer?.cancel()
        timer = nil
        // Of a name with several addresses each is tried; that none can be reached is told by the attempt.
        if isConnected {
            link?.ended(number, isIntroduced ? error : error.asGreeting(isEncrypted: options.url.isEncrypted))
        }
        context.close(promise: nil)
    }
}

/// What one read brought.
private struct Arrivals {
    var events: [PushEvent] = []
    var answers: [PushAnswer] = []
}

/// What the server answered to the request for a topic.
struct PushAnswer: Sendable {
    var topic: PushTopic
    /// Why it was refused; `nil` when it was confirmed.
    var refusal: RedisError?
}

extension RedisError {
    /// Whether nothing can be done on the connection; a user may be forbidden to name itself or to ping.
    fileprivate var isFatal: Bool {
        guard let answer else { return true }
        return !answer.text.hasPrefix("NOPERM") && answer.reaction != .fail
    }
}
