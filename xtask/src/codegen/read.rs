//! From the files of `xtask/spec` to [`Spec`]. Anything that is not understood is an error.

mod operations;
mod schemas;

use std::fs;
use std::path::Path;

use super::Error;
use super::error::Problems;
use super::spec::{Group, Home, Spec, TypeId};
use crate::json::Json;

pub(super) fn read(folder: &Path) -> Result<Spec, Error> {
    let mut reader = Reader { spec: Spec::default(), problems: Problems::default() };
    reader.document(&load(&folder.join("models.json"))?, &Home::Models);
    let notifications = load(&folder.join("notifications.json"))?;
    reader.document(&notifications, &Home::Notifications);
    reader.notifications(&notifications);
    reader.result_codes(&load(&folder.join("result_codes.json"))?);

    let groups = folder.join("groups");
    let mut paths = Vec::new();
    for entry in fs::read_dir(&groups).map_err(|source| Error::io(&groups, source))? {
        paths.push(entry.map_err(|source| Error::io(&groups, source))?.path());
    }
    paths.sort();
    for path in paths.iter().filter(|path| path.extension().is_some_and(|extension| extension == "json")) {
        let document = load(path)?;
        let about = document.get("x-antom-group");
        let name =
            about.and_then(|group| group.get("name")).and_then(Json::text).unwrap_or_default().to_owned();
        if path.file_stem().and_then(|stem| stem.to_str()) != Some(&*name) {
            reader.problems.add(path.display(), "x-antom-group.name is not the name of the file");
        }
        let home = Home::Group(name.clone());
        reader.document(&document, &home);
        let description = about
            .and_then(|group| group.get("description"))
            .and_then(Json::text)
            .unwrap_or_default()
            .to_owned();
        let operations = reader.operations(&document, &home);
        reader.spec.groups.push(Group { name, description, operations });
    }
    reader.problems.into_result()?;
    Ok(reader.spec)
}

fn load(path: &Path) -> Result<Json, Error> {
    let text = fs::read_to_string(path).map_err(|source| Error::io(path, source))?;
    Json::parse(&text).map_err(|source| Error::Json { path: path.to_owned(), source })
}

struct Reader {
    spec: Spec,
    problems: Problems,
}

impl Reader {
    fn document(&mut self, document: &Json, home: &Home) {
        let schemas = document.get("components").and_then(|components| components.get("schemas"));
        for (name, schema) in schemas.map(Json::members).unwrap_or_default() {
            let id = TypeId { home: home.clone(), name: name.clone() };
            let found = self.schema(&id, schema);
            self.spec.types.insert(id, found);
        }
    }

    /// The type behind a `$ref`, as seen from a document.
    fn reference(&mut self, place: &str, home: &Home, reference: &str) -> Option<TypeId> {
        let (file, name) = reference.split_once("#/components/schemas/").unwrap_or(("?", ""));
        let target = match (home, file) {
            (_, "") => Some(home.clone()),
            (Home::Group(_), "../models.json") | (Home::Notifications, "models.json") => Some(Home::Models),
            _ => None,
        };
        if target.is_none() {
            self.problems
                .add(place, format!("$ref {reference:?} points to a place this document may not use"));
        }
        Some(TypeId { home: target?, name: name.to_owned() })
    }

    /// Complains about members that nobody reads: they would be typing errors.
    fn only(&mut self, place: &str, json: &Json, known: &[&str]) {
        for (name, _) in json.members() {
            if !known.contains(&name.as_str()) {
                self.problems.add(place, format!("nothing reads the member {name:?}"));
            }
        }
    }

    fn text(&mut self, place: &str, json: &Json, name: &str) -> String {
        match json.get(name).and_then(Json::text) {
            Some(text) if !text.is_empty() => text.to_owned(),
            _ => {
                self.problems.add(place, format!("the text {name:?} is missing"));
                String::new()
            }
        }
    }
}

fn texts(json: Option<&Json>) -> Vec<String> {
    json.map(Json::items).unwrap_or_default().iter().filter_map(Json::text).map(str::to_owned).collect()
}

fn optional_text(json: &Json, name: &str) -> Option<String> {
    json.get(name).and_then(Json::text).map(str::to_owned)
}
