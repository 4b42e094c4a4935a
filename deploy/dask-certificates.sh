#!/bin/sh -e
# An authority of one's own and a certificate for each machine of a Dask cluster, by openssl:
#
#     sh deploy/dask-certificates.sh FOLDER MACHINE...
#
# FOLDER/MACHINE is what goes to /etc/tildeling/dask of that machine. Who has a certificate of this
# authority can have the cluster run anything: it signs for nothing else, and FOLDER/authority.key
# goes to no machine of the cluster. Again with another MACHINE, one more is signed.
folder=$1
shift
umask 077
mkdir -p "$folder"
cd "$folder"
new="-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes"
if [ ! -f authority.key ]; then
    openssl req -x509 $new -days 3650 -subj "/CN=Tildeling's Dask cluster" \
        -keyout authority.key -out authority.pem
fi
for machine; do
    mkdir "$machine"
    cp authority.pem "$machine"
    openssl req $new -subj "/CN=$machine" -keyout "$machine/machine.key" -out "$machine/request"
    openssl x509 -req -in "$machine/request" -CA authority.pem -CAkey authority.key \
        -CAcreateserial -days 825 -out "$machine/machine.pem"
    rm "$machine/request"
done
