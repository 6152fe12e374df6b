//! Starts the simulator and waits, for trying another client against it.
//!
//! `cargo run --example simulate -- [PORT] [SCENARIO]` prints the base URL and runs until its
//! standard input ends or a line is entered.

use std::error::Error;
use std::io::{Read, Write};

use ziadeck::simulator::{Scenario, Simulator, SimulatorOptions};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let port = arguments.next().map_or(Ok(0), |text| text.parse())?;
    let scenario = arguments
        .next()
        .map_or_else(|| Ok(Scenario::default()), |name| Scenario::load(&name))?;
    let options = SimulatorOptions {
        port,
        ..SimulatorOptions::default()
    }
    .with_scenario(scenario);

    let runtime = tokio::runtime::Runtime::new()?;
    let simulator = runtime.block_on(Simulator::start(options))?;
    writeln!(std::io::stdout(), "{}", simulator.base_url())?;
    let mut byte = [0];
    std::io::stdin().read_exact(&mut byte).ok();
    runtime.block_on(simulator.stop());
    Ok(())
}
