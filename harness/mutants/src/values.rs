//! Values with something done to every part of them.

use chatspec_wire::data::Data;

/// `args` with `change` made to every value, those inside lists and objects first.
pub(crate) fn each(args: Vec<Data>, mut change: impl FnMut(Data) -> Data) -> Vec<Data> {
    args.into_iter()
        .map(|arg| inside(arg, &mut change))
        .collect()
}

fn inside(value: Data, change: &mut impl FnMut(Data) -> Data) -> Data {
    let value = match value {
        Data::Array(items) => {
            Data::Array(items.into_iter().map(|item| inside(item, change)).collect())
        }
        Data::Object(fields) => {
            let fields = fields.into_iter();
            Data::Object(
                fields
                    .map(|(key, item)| (key, inside(item, change)))
                    .collect(),
            )
        }
        plain => plain,
    };
    change(value)
}
