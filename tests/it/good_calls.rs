//! A call of each route that comes to its good end, in an account that has the file `/a.txt`.

use crate::support::{Reply, client};
use fake_dropbox::FakeDropbox;
use reqwest::RequestBuilder;
use serde_json::{Value, json};

/// How a route is called.
#[derive(Clone, Copy, Debug)]
pub struct Caller<'a> {
    pub dropbox: &'a FakeDropbox,
    /// Whose token makes what the call needs.
    pub maker: &'a str,
    /// Whose token the call itself shows.
    pub token: &'a str,
    /// What the caller sees of the account `t`: all of it, or this folder.
    pub home: &'a str,
}

impl<'a> Caller<'a> {
    /// With the token `t`.
    pub fn of(dropbox: &'a FakeDropbox) -> Self {
        Self {
            dropbox,
            maker: "t",
            token: "t",
            home: "",
        }
    }

    /// Makes a file.
    pub fn seed(&self, path: &str, content: &str) {
        let path = format!("{}{path}", self.home);
        self.dropbox.account("t").seed(&path, content);
    }

    fn post(&self, route: &str) -> RequestBuilder {
        client().post(format!("{}/2/{route}", self.dropbox.api_url()))
    }

    fn rpc(&self, route: &str, argument: Value) -> RequestBuilder {
        self.post(route)
            .bearer_auth(self.token)
            .header("content-type", "application/json")
            .body(argument.to_string())
    }

    fn content(&self, route: &str, argument: Value, body: &'static str) -> RequestBuilder {
        self.post(route)
            .bearer_auth(self.token)
            .header("content-type", "application/octet-stream")
            .header("dropbox-api-arg", argument.to_string())
            .body(body)
    }

    fn preparing(&self) -> Self {
        Self {
            token: self.maker,
            ..*self
        }
    }

    async fn answer(&self, route: &str, argument: Value) -> Value {
        let reply = Reply::of(self.preparing().rpc(route, argument)).await;
        assert_eq!(reply.status, 200, "{route}: {}", reply.text());
        reply.json()
    }

    async fn session(&self, close: bool) -> Value {
        let start = json!({"close": close});
        let start = self
            .preparing()
            .content("files/upload_session/start", start, "hello");
        let id = Reply::of(start).await.json()["session_id"].clone();
        json!({"session_id": id, "offset": 5})
    }

    async fn batch(&self) -> Value {
        let cursor = self.session(true).await;
        json!({"entries": [{"cursor": cursor, "commit": {"path": "/batch.txt"}}]})
    }

    async fn cursor(&self) -> Value {
        let listed = self.answer("files/list_folder", json!({"path": ""}));
        listed.await["cursor"].clone()
    }

    /// The argument of a check of a job that was launched so.
    async fn job(&self, route: &str, argument: Value) -> Value {
        let launched = self.answer(route, argument).await;
        json!({"async_job_id": launched["async_job_id"]})
    }

    async fn shared(&self) -> Value {
        let route = "sharing/create_shared_link_with_settings";
        let made = self.answer(route, json!({"path": "/a.txt"}));
        made.await["url"].clone()
    }

    async fn link(&self, route: &str, argument: Value) -> String {
        let link = self.answer(route, argument).await["link"].clone();
        link.as_str().expect("a link").to_owned()
    }

    async fn account_id(&self) -> Value {
        let me = self.answer("users/get_current_account", Value::Null);
        me.await["account_id"].clone()
    }

    /// A call that comes to its good end.
    #[expect(clippy::too_many_lines, reason = "one row for each route")]
    pub async fn good(&self, route: &str) -> RequestBuilder {
        let a = || json!({"path": "/a.txt"});
        let two = || json!({"from_path": "/a.txt", "to_path": "/b.txt"});
        let commit = || json!({"commit_info": {"path": "/b.txt"}});
        let argument = match route {
            "upload_link" => {
                let link = self.link("files/get_temporary_upload_link", commit()).await;
                let request = client().post(link).body("hello");
                return request.header("content-type", "application/octet-stream");
            }
            "download_link" => {
                return client().get(self.link("files/get_temporary_link", a()).await);
            }
            "oauth2/authorize" => {
                // Without an address to send the code to it is shown.
                let form = [("client_id", "app"), ("response_type", "code")];
                let address = format!("{}/oauth2/authorize", self.dropbox.api_url());
                let page = Reply::of(client().get(&address).query(&form)).await.text();
                let value = |name: &str| {
                    let (_, rest) = page.split_once(&format!("name=\"{name}\" value=\""))?;
                    Some(rest.split_once('"')?.0.replace("&amp;", "&"))
                };
                let form = ["request", "proof", "account"]
                    .map(|name| (name, value(name).expect("it is in the form")));
                let allow = ("decision", "allow".to_owned());
                let form: Vec<_> = form.into_iter().chain([allow]).collect();
                return client().post(address).form(&form);
            }
            "oauth2/token" => {
                let form = [("grant_type", "refresh_token"), ("refresh_token", "r")];
                return client()
                    .post(format!("{}/oauth2/token", self.dropbox.api_url()))
                    .basic_auth("app-key", Some("app-secret"))
                    .form(&form);
            }
            "check/app" => {
                return self
                    .post(route)
                    .basic_auth("app-key", Some("app-secret"))
                    .header("content-type", "application/json")
                    .body("{}");
            }
            "files/download" => {
                return self
                    .post(route)
                    .bearer_auth(self.token)
                    .header("dropbox-api-arg", a().to_string());
            }
            "files/upload" => return self.content(route, json!({"path": "/b.txt"}), "hello"),
            "files/upload_session/start" => return self.content(route, json!({}), "hello"),
            "files/upload_session/append" => {
                let cursor = self.session(false).await;
                return self.content(route, cursor, "hello");
            }
            "files/upload_session/append_v2" => {
                let argument = json!({"cursor": self.session(false).await});
                return self.content(route, argument, "hello");
            }
            "files/upload_session/finish" => {
                let cursor = self.session(false).await;
                let argument = json!({"cursor": cursor, "commit": {"path": "/b.txt"}});
                return self.content(route, argument, "hello");
            }
            "files/upload_session/finish_batch" | "files/upload_session/finish_batch_v2" => {
                self.batch().await
            }
            "files/create_folder_batch" => json!({"paths": ["/folder"]}),
            "files/delete_batch" => json!({"entries": [a()]}),
            "files/copy_batch"
            | "files/copy_batch_v2"
            | "files/move_batch"
            | "files/move_batch_v2" => {
                json!({"entries": [two()]})
            }
            "files/create_folder_batch/check" => {
                let argument = json!({"paths": ["/folder"], "force_async": true});
                self.job("files/create_folder_batch", argument).await
            }
            "files/delete_batch/check" => {
                self.job("files/delete_batch", json!({"entries": [a()]}))
                    .await
            }
            "files/copy_batch/check"
            | "files/copy_batch/check_v2"
            | "files/move_batch/check"
            | "files/move_batch/check_v2" => {
                let (launch, version) = route.split_once("/check").expect("it is one");
                let entries = json!({"entries": [two()]});
                self.job(&format!("{launch}{version}"), entries).await
            }
            "files/upload_session/finish_batch/check" => {
                let batch = self.batch().await;
                self.job("files/upload_session/finish_batch", batch).await
            }
            "files/upload_session/start_batch" => json!({"num_sessions": 1}),
            "files/search_v2" => json!({"query": "a"}),
            "files/search" => json!({"path": "", "query": "a"}),
            "files/search/continue_v2" => {
                self.seed("/a b.txt", "");
                let argument = json!({"query": "a", "options": {"max_results": 1}});
                let found = self.answer("files/search_v2", argument).await;
                json!({"cursor": found["cursor"]})
            }
            "files/list_folder/longpoll" => {
                let cursor = self.cursor().await;
                // Something is new, so it does not wait.
                self.seed("/new.txt", "");
                let argument = json!({"cursor": cursor, "timeout": 30}).to_string();
                return self
                    .post(route)
                    .header("content-type", "application/json")
                    .body(argument);
            }
            "files/list_folder/continue" => json!({"cursor": self.cursor().await}),
            "files/list_folder" | "files/list_folder/get_latest_cursor" => json!({"path": ""}),
            "files/copy_v2" | "files/move_v2" | "files/copy" | "files/move" => two(),
            "files/create_folder_v2" | "files/create_folder" => json!({"path": "/folder"}),
            "files/get_temporary_upload_link" => commit(),
            "check/user" => json!({}),
            "auth/token/revoke" | "users/get_current_account" | "users/get_space_usage" => {
                Value::Null
            }
            "users/get_account" => json!({"account_id": self.account_id().await}),
            "users/get_account_batch" => json!({"account_ids": [self.account_id().await]}),
            "users/features/get_values" => json!({"features": [{".tag": "file_locking"}]}),
            "files/restore" => {
                let there = self.answer("files/get_metadata", a()).await;
                json!({"path": "/a.txt", "rev": there["rev"]})
            }
            "sharing/get_shared_link_metadata" | "sharing/revoke_shared_link" => {
                json!({"url": self.shared().await})
            }
            "sharing/modify_shared_link_settings" => {
                json!({"url": self.shared().await, "settings": {"audience": "public"}})
            }
            "sharing/get_shared_link_file" => {
                let argument = json!({"url": self.shared().await});
                return self
                    .post(route)
                    .bearer_auth(self.token)
                    .header("dropbox-api-arg", argument.to_string());
            }
            "shared_link" => {
                let url = self.shared().await;
                return client().get(url.as_str().expect("an address"));
            }
            _ => a(),
        };
        self.rpc(route, argument)
    }
}
