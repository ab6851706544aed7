//! Traces as Elixir 1.15 on Erlang/OTP 26 prints them.

use super::super::{parse, trace_pattern, whole};
use super::check;

const FRAMES: &str = "    (my_app 0.1.0) lib/my_app/worker.ex:12: MyApp.Worker.run/1\n    (my_app 0.1.0) lib/my_app/worker.ex:30: anonymous fn/2 in MyApp.Worker.handle_call/3\n    (elixir 1.15.0) lib/enum.ex:1693: Enum.\"-map/2-lists^map/1-1-\"/2\n    (stdlib 5.0) gen_server.erl:1113: :gen_server.try_handle_call/4\n    (stdlib 5.0) gen_server.erl:1142: :gen_server.handle_msg/6\n    (stdlib 5.0) proc_lib.erl:241: :proc_lib.init_p_do_apply/3\n";

#[test]
fn an_exception() {
    let text = format!("** (RuntimeError) oops\n{FRAMES}");
    let functions = ["MyApp.Worker.run", "MyApp.Worker.handle_call"];
    let pattern = "RuntimeError at MyApp.Worker.run < MyApp.Worker.handle_call";
    check(&text, "elixir", "RuntimeError", &functions, pattern);
    let exception = parse(&text).unwrap();
    assert_eq!(exception.message, "oops");
    assert_eq!(exception.frames.len(), 6);
    assert_eq!((exception.frames[0].file.as_str(), exception.frames[0].line), ("lib/my_app/worker.ex", Some(12)));
    assert_eq!(trace_pattern(&text.replace('\n', "\\n")), pattern);
    // Agents that leave out what lines begin with.
    let bare: String = text.lines().flat_map(|line| [line.trim_start(), "\n"]).collect();
    assert_eq!(trace_pattern(&bare), pattern);
}

#[test]
fn a_server_that_terminates_and_its_client() {
    let text = format!(
        "12:00:00.123 [error] GenServer MyApp.Worker terminating\n** (RuntimeError) oops\n{FRAMES}Last message (from #PID<0.123.0>): {{:load, 17}}\nState: %{{a: 1}}\nClient #PID<0.123.0> is alive\n\n    (stdlib 5.0) gen.erl:240: :gen.do_call/4\n    (elixir 1.15.0) lib/gen_server.ex:1071: GenServer.call/3\n    (my_app 0.1.0) lib/my_app/other.ex:3: MyApp.Other.go/0\n"
    );
    let functions = ["MyApp.Worker.run", "MyApp.Worker.handle_call"];
    let pattern =
        "<*> [error] GenServer MyApp.Worker terminating: RuntimeError at MyApp.Worker.run < MyApp.Worker.handle_call";
    check(&text, "elixir", "RuntimeError", &functions, pattern);
}

#[test]
fn an_exit_tells_what_it_was_caused_by() {
    let plug = "#PID<0.700.0> running MyAppWeb.Endpoint (connection #PID<0.699.0>, stream id 1) terminated\nServer: localhost:4000 (http)\nRequest: GET /orders/17\n** (exit) an exception was raised:\n    ** (KeyError) key :sku not found in: %{id: 17}\n        (my_app 0.1.0) lib/my_app_web/controllers/order_controller.ex:7: MyAppWeb.OrderController.show/2\n        (phoenix 1.7.7) lib/phoenix/router.ex:430: Phoenix.Router.__call__/5\n        (plug_cowboy 2.6.1) lib/plug/cowboy/handler.ex:11: Plug.Cowboy.Handler.init/2\n        (cowboy 2.10.0) /app/deps/cowboy/src/cowboy_handler.erl:37: :cowboy_handler.execute/2\n";
    let exception = parse(plug).unwrap();
    assert_eq!((exception.kind.as_str(), exception.message.as_str()), ("KeyError", "key :sku not found in: %{id: 17}"));
    assert_eq!((exception.frames.len(), exception.chain.len()), (4, 0));
    assert!(trace_pattern(plug).ends_with("terminated: KeyError at MyAppWeb.OrderController.show"));
    let called = "** (exit) exited in: GenServer.call(MyApp.Worker, :load, 5000)\n    ** (EXIT) an exception was raised:\n        ** (ArgumentError) no stock\n            (my_app 0.1.0) lib/my_app/worker.ex:12: MyApp.Worker.handle_call/3\n            (stdlib 5.0) gen_server.erl:1113: :gen_server.try_handle_call/4\n    (elixir 1.15.0) lib/gen_server.ex:1074: GenServer.call/3\n    (my_app 0.1.0) lib/my_app/shop.ex:5: MyApp.Shop.buy/1\n";
    let pattern = "ArgumentError at MyApp.Worker.handle_call";
    check(called, "elixir", "ArgumentError", &["MyApp.Worker.handle_call"], pattern);
    assert_eq!(parse(called).unwrap().chain, ["exit"]);
    let exit = |reason: &str| {
        format!(
            "** (exit) exited in: GenServer.call(MyApp.Worker, :load, 5000)\n    ** (EXIT) {reason}\n    (elixir 1.15.0) lib/gen_server.ex:1074: GenServer.call/3\n    (my_app 0.1.0) lib/my_app/shop.ex:5: MyApp.Shop.buy/1\n"
        )
    };
    let pattern = "EXIT (time out) as exit at MyApp.Shop.buy";
    check(&exit("time out"), "elixir", "EXIT", &["MyApp.Shop.buy"], pattern);
    assert_eq!(trace_pattern(&exit("{:bad, \"alice\"}")), "EXIT as exit at MyApp.Shop.buy");
}

#[test]
fn messages_of_several_lines_and_functions_that_are_missing() {
    let clause = "** (FunctionClauseError) no function clause matching in MyApp.Cart.load/1    \n    \n    The following arguments were given to MyApp.Cart.load/1:\n    \n        # 1\n        :x\n    \n    Attempted function clauses (showing 1 out of 1):\n    \n        def load(1)\n    \n    (my_app 0.1.0) lib/my_app/cart.ex:3: MyApp.Cart.load/1\n    (my_app 0.1.0) lib/my_app/shop.ex:5: MyApp.Shop.buy/1\n";
    let functions = ["MyApp.Cart.load", "MyApp.Shop.buy"];
    check(
        clause,
        "elixir",
        "FunctionClauseError",
        &functions,
        "FunctionClauseError at MyApp.Cart.load < MyApp.Shop.buy",
    );
    let missing = "** (UndefinedFunctionError) function MyApp.Cart.laod/2 is undefined or private\n    (my_app 0.1.0) MyApp.Cart.laod(1, \"a/b\")\n    lib/my_app/shop.exs:5: MyApp.Shop.buy/1\n    lib/my_app/shop.exs:9: (file)\n";
    let pattern = "UndefinedFunctionError at MyApp.Cart.laod < MyApp.Shop.buy < shop";
    check(missing, "elixir", "UndefinedFunctionError", &["MyApp.Cart.laod", "MyApp.Shop.buy", ""], pattern);
    let arithmetic = "Task #PID<0.150.0> started from #PID<0.149.0> terminating\n** (ArithmeticError) bad argument in arithmetic expression\n    :erlang.+(1, nil)\n    (my_app 0.1.0) lib/my_app/sum.ex:2: MyApp.Sum.add/2\n    (elixir 1.15.0) lib/task/supervised.ex:101: Task.Supervised.invoke_mfa/2\nFunction: #Function<0.1/0 in MyApp.Sum>\n    Args: []\n";
    check(
        arithmetic,
        "elixir",
        "ArithmeticError",
        &["MyApp.Sum.add"],
        "Task #PID<<*>> started from #PID<<*>> terminating: ArithmeticError at MyApp.Sum.add",
    );
}

#[test]
fn what_only_looks_like_it_is_none() {
    for text in [
        "** (RuntimeError) oops\nnothing below",
        "** (note) see below\n(my_app 0.1.0) lib/my_app/a.ex:1: MyApp.A.b/1",
        "GenServer MyApp.Worker terminating\n** (stop) :shutdown\nLast message: :tick\nState: %{}",
        "** (Draft) of the text\nsee Chapter.One for more",
    ] {
        assert!(whole(text).is_none(), "{text}");
    }
}
