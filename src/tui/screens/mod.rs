//! The screens, each in a file or a folder of its own. None knows another one.

pub mod console;
pub mod jobs;
pub mod runs;
pub mod setup;
pub mod usage;
pub mod welcome;

use super::app::cx::{Screen, ScreenId};

macro_rules! screens {
    ($($id:ident $field:ident $screen:ty;)*) => {
        /// All screens. Each goes on to be what it is while another one is shown.
        #[derive(Default)]
        pub struct Screens { $(pub $field: $screen,)* }

        impl Screens {
            pub fn get(&self, id: ScreenId) -> &dyn Screen {
                match id { $(ScreenId::$id => &self.$field,)* }
            }

            pub fn get_mut(&mut self, id: ScreenId) -> &mut dyn Screen {
                match id { $(ScreenId::$id => &mut self.$field,)* }
            }

            pub fn all_mut(&mut self) -> impl Iterator<Item = &mut dyn Screen> {
                let all: Vec<&mut dyn Screen> = vec![$(&mut self.$field,)*];
                all.into_iter()
            }
        }
    };
}

screens! {
    Console console console::Console;
    Jobs jobs jobs::Jobs;
    Runs runs runs::Runs;
    Usage usage usage::UsageScreen;
    Setup setup setup::Setup;
}
