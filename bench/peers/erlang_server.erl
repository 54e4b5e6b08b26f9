%% SPDX-License-Identifier: BSD-3-Clause
%% A server on Erlang's gen_tcp and gen_udp: a process for each client, which gets data as messages,
%% so many at a time ({active, N}), and asks for more then. Its command line is that of all servers
%% here, see command.h; escript runs it.
-module(erlang_server).
-mode(compile).
-behaviour(gen_event).
-export([main/1, init/1, handle_event/2, handle_call/2]).

-define(AT_A_TIME, 100).
-define(USAGE, "usage: erlang_server.erl tcp-echo|tcp-sink|broadcast|udp-echo|udp-sink PORT [SIZE [DIR]]~n").

main([Mode, Port | _] = Arguments) when length(Arguments) =< 4 ->
    Counters = counters:new(2, []),
    case lists:suffix("-sink", Mode) of
        true -> at_the_end({print, Counters});
        false -> at_the_end(say_nothing)
    end,
    case Mode of
        "udp-echo" -> serve_datagrams(Port, fun echo_datagram/4);
        "udp-sink" -> serve_datagrams(Port, fun(_, _, _, Bytes) -> count(Counters, Bytes) end);
        _ -> serve_streams(Port, buffer_bytes(Arguments), client(Mode, Counters))
    end;
main(_) ->
    wrong_command().

wrong_command() ->
    io:format(standard_error, ?USAGE, []),
    halt(2).

client("tcp-echo", _) -> fun echo/1;
client("tcp-sink", Counters) -> fun(Socket) -> sink(Socket, Counters) end;
client("broadcast", _) ->
    {ok, _} = pg:start_link(),
    fun(Socket) -> ok = pg:join(room, self()), broadcast(Socket) end;
client(_, _) -> wrong_command().

%% -- streams --------------------------------------------------------------------------------------

%% A socket keeps its buffer while its client is idle; only an echo has many of them.
buffer_bytes(["tcp-echo", _, Size | _]) -> max(4096, min(list_to_integer(Size), 65536));
buffer_bytes(["tcp-echo", _]) -> 4096;
buffer_bytes(_) -> 65536.

serve_streams(Port, BufferBytes, Client) ->
    {ok, Listener} = gen_tcp:listen(list_to_integer(Port), [
        binary, {ip, {127, 0, 0, 1}}, {active, false}, {backlog, 4096}, {nodelay, true},
        {reuseaddr, true}, {buffer, BufferBytes}
    ]),
    io:format("ready~n"),
    accept(Listener, Client).

accept(Listener, Client) ->
    {ok, Socket} = gen_tcp:accept(Listener),
    Process = spawn(fun() -> receive go -> more(Socket), Client(Socket) end end),
    ok = gen_tcp:controlling_process(Socket, Process),
    Process ! go,
    accept(Listener, Client).

%% If it fails, its client is gone, and tcp_closed comes.
more(Socket) -> inet:setopts(Socket, [{active, ?AT_A_TIME}]).

echo(Socket) ->
    receive
        {tcp, Socket, Bytes} -> gen_tcp:send(Socket, Bytes), echo(Socket);
        {tcp_passive, Socket} -> more(Socket), echo(Socket);
        {tcp_error, Socket, _} -> echo(Socket);
        {tcp_closed, Socket} -> gone
    end.

sink(Socket, Counters) ->
    receive
        {tcp, Socket, Bytes} -> count(Counters, Bytes), sink(Socket, Counters);
        {tcp_passive, Socket} -> more(Socket), sink(Socket, Counters);
        {tcp_error, Socket, _} -> sink(Socket, Counters);
        {tcp_closed, Socket} -> gone
    end.

%% Who ends leaves the group by that.
broadcast(Socket) ->
    receive
        {all, Bytes} -> gen_tcp:send(Socket, Bytes), broadcast(Socket);
        {tcp, Socket, Bytes} ->
            lists:foreach(fun(Other) -> Other ! {all, Bytes} end, pg:get_local_members(room)),
            broadcast(Socket);
        {tcp_passive, Socket} -> more(Socket), broadcast(Socket);
        {tcp_error, Socket, _} -> broadcast(Socket);
        {tcp_closed, Socket} -> gone
    end.

%% -- datagrams ------------------------------------------------------------------------------------

serve_datagrams(Port, Handle) ->
    %% The last option takes back what the one before it implies: a buffer of that size for each.
    {ok, Socket} = gen_udp:open(list_to_integer(Port), [
        binary, {ip, {127, 0, 0, 1}}, {active, ?AT_A_TIME}, {recbuf, 4194304}, {buffer, 65536}
    ]),
    io:format("ready~n"),
    datagrams(Socket, Handle).

datagrams(Socket, Handle) ->
    receive
        {udp, Socket, Address, Port, Bytes} ->
            Handle(Socket, Address, Port, Bytes),
            datagrams(Socket, Handle);
        {udp_passive, Socket} ->
            ok = inet:setopts(Socket, [{active, ?AT_A_TIME}]),
            datagrams(Socket, Handle)
    end.

echo_datagram(Socket, Address, Port, Bytes) -> gen_udp:send(Socket, Address, Port, Bytes).

%% -- the end --------------------------------------------------------------------------------------

count(Counters, Bytes) ->
    counters:add(Counters, 1, 1),
    counters:add(Counters, 2, byte_size(Bytes)).

at_the_end(What) ->
    ok = gen_event:swap_handler(erl_signal_server, {erl_signal_handler, []}, {?MODULE, What}).

%% gen_event hands over what the former handler left as well.
init({What, _}) -> {ok, What}.

handle_event(sigterm, {print, Counters}) ->
    io:format("count ~b ~b~n", [counters:get(Counters, 1), counters:get(Counters, 2)]),
    halt(0);
handle_event(sigterm, _) -> halt(0);
handle_event(_, What) -> {ok, What}.

handle_call(_, What) -> {ok, ok, What}.
