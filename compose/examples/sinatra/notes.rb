# A form to log in to, a note and a number in the session: Sinatra, with sessions in a signed cookie or in memory.
require "rack/session/cookie"
require "rack/session/pool"
require "sinatra/base"
require "socket"

class Notes < Sinatra::Base
  disable :protection, :show_exceptions
  if ENV["SESSIONS"] == "pool"
    use Rack::Session::Pool, key: "notes"
  else
    use Rack::Session::Cookie, key: "notes", secret: "an example hides nothing from anybody, and is never deployed, " * 2
  end

  before { headers "X-Served-By" => Socket.gethostname }

  get("/health") { "ok" }

  get("/login") { '<form method="post"><input name="user"><button>Log in</button></form>' }

  post "/login" do
    session.clear
    session[:user] = params[:user]
    session[:note] = ""
    session[:number] = 0
    redirect to("/")
  end

  get "/logout" do
    session.clear
    redirect to("/login")
  end

  get "/" do
    redirect to("/login") unless session[:user]
    %i[user note number].map { |name| %(<p id="#{name}">#{Rack::Utils.escape_html(session[name].to_s)}</p>) }.join
  end

  post "/" do
    redirect to("/login") unless session[:user]
    params[:note] ? session[:note] = params[:note] : session[:number] += 1
    redirect to("/")
  end
end
